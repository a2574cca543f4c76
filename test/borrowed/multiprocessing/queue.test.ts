// After CPython 3.13.0, Lib/test/_test_multiprocessing.py (PSF-2.0): _TestQueue and TestSimpleQueue, of ProcessQueue. JoinableQueue is the same class here.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { ProcessPoolExecutor, ProcessQueue } from 'meantime/processes';
import { linesOf } from '../../fixtures/calls/calls.js';
import { file } from '../../fixtures/calls/pools.js';
import { Ledger } from '../ledger.js';
import { getInTime, getSome, putAll, workOff } from './far.js';

let pool: ProcessPoolExecutor;
before(() => {
  pool = new ProcessPoolExecutor({ workers: 3 });
});
after(() => pool.shutdown({ grace: 0 }));

const noFeeder = 'a thread that feeds a pipe, which fails later: here an item is encoded when it is put';
const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/_test_multiprocessing.py, of queues',
    licence: 'PSF-2.0',
    tests: {
      _TestQueue:
        'test_put test_get test_fork test_qsize test_task_done test_no_import_lock_contention test_timeout test_queue_feeder_donot_stop_onexc test_queue_feeder_on_queue_feeder_error test_closed_queue_empty_exceptions test_closed_queue_put_get_exceptions',
      TestSimpleQueue: 'test_empty_exceptions test_empty test_close test_closed',
    },
    leftOut: {
      '_TestQueue.test_fork': 'there is no fork',
      '_TestQueue.test_no_import_lock_contention': 'a lock of the interpreter that there is not',
      '_TestQueue.test_queue_feeder_on_queue_feeder_error': noFeeder,
    },
  },
  [{ name: 'ProcessQueue' }],
);

ledger.take('_TestQueue.test_put', 'until it is full; more waits, or is refused', async () => {
  const queue = new ProcessQueue<number>(6);
  for (let i = 1; i <= 6; i++) assert.equal(await queue.tryPut(i), true);
  assert.deepEqual([await queue.tryPut(7), await queue.size()], [false, 6]);
  await assert.rejects(async () => await queue.put(7, { timeout: 50 }), { name: 'TimeoutError' });
  assert.deepEqual(await pool.submit(getSome, queue as ProcessQueue<unknown>, 6), [1, 2, 3, 4, 5, 6]);
  assert.equal(await queue.size(), 0);
});

ledger.take('_TestQueue.test_get', 'in order, until it is empty; more waits, or is refused', async () => {
  const queue = new ProcessQueue<unknown>(10);
  await pool.submit(putAll, queue, [2, 3, 4, 5]);
  assert.deepEqual([await queue.get({ timeout: 5000 }), await queue.get(), await queue.tryGet(), await queue.tryGet()], [2, 3, 4, 5]);
  assert.equal(await queue.tryGet(), undefined);
  await assert.rejects(async () => await queue.get({ timeout: 50 }), { name: 'TimeoutError' });
});

ledger.take(['_TestQueue.test_qsize', 'TestSimpleQueue.test_empty'], 'how many are in it', async () => {
  const queue = new ProcessQueue<unknown>(10);
  assert.equal(await queue.size(), 0);
  await pool.submit(putAll, queue, [1, 2]);
  assert.equal(await queue.size(), 2);
  await queue.get();
  assert.equal(await queue.size(), 1);
});

ledger.take('_TestQueue.test_task_done', 'a join waits until all that was put has been worked off', async () => {
  const queue = new ProcessQueue<number>(20);
  const log = file();
  const workers = [1, 2, 3].map(() => pool.submit(workOff, queue, log));
  for (let i = 0; i < 10; i++) await queue.put(i);
  await queue.join();
  assert.equal(linesOf(log).length, 10);
  await queue.close();
  const done = await Promise.all(workers);
  assert.equal(
    done.reduce((a, b) => a + b, 0),
    10,
  );
  await assert.rejects(async () => await queue.taskDone()); // more often than there were items
});

ledger.take('_TestQueue.test_timeout', 'a wait for an item that does not come', async () => {
  const queue = new ProcessQueue<unknown>(1);
  const [error, ms] = await pool.submit(getInTime, queue, 200);
  assert.equal(error, 'TimeoutError');
  assert.ok(ms >= 120 && ms < 10_000, `${ms}`);
});

ledger.take(
  '_TestQueue.test_queue_feeder_donot_stop_onexc',
  'an item that cannot travel is refused when it is put, and the next one is not',
  async () => {
    const queue = new ProcessQueue<unknown>(2);
    await assert.rejects(async () => await queue.put(() => 1), { code: 'MEANTIME_NOT_CLONEABLE' });
    await queue.put(true);
    assert.deepEqual([await queue.get({ timeout: 5000 }), await queue.size()], [true, 0]);
  },
);

ledger.take(
  [
    '_TestQueue.test_closed_queue_empty_exceptions',
    '_TestQueue.test_closed_queue_put_get_exceptions',
    'TestSimpleQueue.test_empty_exceptions',
    'TestSimpleQueue.test_close',
    'TestSimpleQueue.test_closed',
  ],
  'closed: what is in it can still be had, then all is refused',
  async () => {
    const queue = new ProcessQueue<unknown>(3);
    await queue.put('last');
    assert.equal(await queue.closed(), false);
    await queue.close();
    await queue.close();
    assert.equal(await queue.closed(), true);
    await assert.rejects(async () => await queue.put(1), { code: 'MEANTIME_QUEUE_CLOSED' });
    assert.equal(await queue.get(), 'last');
    await assert.rejects(async () => await queue.get(), { code: 'MEANTIME_QUEUE_CLOSED' });
    await assert.rejects(async () => await pool.submit(getSome, queue, 1), { code: 'MEANTIME_QUEUE_CLOSED' });
  },
);

ledger.account();
