// After CPython 3.13.0, Lib/test/_test_multiprocessing.py (PSF-2.0): managers. There are no ready-made lists and dicts: a manager hosts any class.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Manager, ProcessPoolExecutor, type Remote } from 'meantime/processes';
import { Ledger } from '../ledger.js';
import { appendThere, Dict, FooBar, List } from './far.js';

let pool: ProcessPoolExecutor;
before(() => {
  pool = new ProcessPoolExecutor({ workers: 1 });
});
after(() => pool.shutdown({ grace: 0 }));

const own = 'has a class of its own: ProcessLock, ProcessQueue and the others';
const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/_test_multiprocessing.py, of managers',
    licence: 'PSF-2.0',
    tests: {
      _TestContainers:
        'test_list test_list_iter test_list_proxy_in_list test_dict test_dict_iter test_dict_proxy_nested test_nested_queue test_namespace',
      _TestMyManager: 'test_mymanager test_mymanager_context test_mymanager_context_prestarted',
      _TestRemoteManager: 'test_remote',
      _TestManagerRestart: 'test_rapid_restart',
      TestManagerExceptions: 'test_queue_get test_dispatch',
      TestSyncManagerTypes:
        'test_event test_lock test_rlock test_semaphore test_bounded_semaphore test_condition test_barrier test_pool test_queue test_joinable_queue test_list test_dict test_value test_array test_namespace',
    },
    leftOut: {
      '_TestContainers.test_nested_queue': own,
      '_TestContainers.test_namespace': 'an object with any attributes is a Map of a class of yours',
      '_TestMyManager.test_mymanager_context_prestarted': 'a manager is started when it is made',
      _TestManagerRestart: 'each manager has an address of its own: nothing to be bound again',
      TestSyncManagerTypes: own,
    },
  },
  [{ name: 'Manager' }],
);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

ledger.take(
  ['_TestContainers.test_list', '_TestContainers.test_list_iter'],
  'a list that two processes append to, read in parts and one by one',
  async () => {
    await using manager = await Manager.start();
    using list = await manager.create(List);
    assert.equal(await list.extend([0, 1, 2]), 3);
    await pool.submit(appendThere, list as never, [3, [4, 5]]);
    assert.deepEqual(
      [await list.slice(), await list.at(-1), await list.slice(1, 3)],
      [
        [0, 1, 2, 3, [4, 5]],
        [4, 5],
        [1, 2],
      ],
    );
    await list.reverse();
    assert.deepEqual(await all(list.values()), [[4, 5], 3, 2, 1, 0]);
  },
);

ledger.take('_TestContainers.test_list_proxy_in_list', 'a hosted list inside of a hosted list', async () => {
  await using manager = await Manager.start();
  using outer = await manager.create(List);
  using inner = await manager.create(List);
  await outer.append(inner);
  await inner.append('added later');
  using found = (await outer.at(0)) as Remote<List> & Disposable;
  assert.deepEqual(await found.slice(), ['added later']);
});

ledger.take(
  ['_TestContainers.test_dict', '_TestContainers.test_dict_iter', '_TestContainers.test_dict_proxy_nested'],
  'a dict, its keys, and one in the other',
  async () => {
    await using manager = await Manager.start();
    using dict = await manager.create(Dict);
    for (let n = 65; n < 70; n++) await dict.set(n, String.fromCharCode(n));
    assert.deepEqual(await dict.copy(), new Map([65, 66, 67, 68, 69].map((n) => [n, String.fromCharCode(n)])));
    assert.deepEqual(await all(dict.keys()), [65, 66, 67, 68, 69]);
    using pets = await manager.create(Dict);
    await dict.set('pets', pets);
    await pets.set('cats', 2);
    using found = (await dict.get('pets')) as Remote<Dict> & Disposable;
    assert.equal(await found.get('cats'), 2);
  },
);

ledger.take(
  ['_TestMyManager.test_mymanager', '_TestMyManager.test_mymanager_context'],
  'a class of ones own: its methods, its errors, and nothing private',
  async () => {
    await using manager = await Manager.start();
    using foo = await manager.create(FooBar);
    assert.equal(await foo.f(), 'f()');
    await assert.rejects(async () => await foo.g(), { name: 'RangeError', message: 'g()' });
    assert.throws(() => (foo as unknown as FooBar)._h(), { code: 'MEANTIME_NO_METHOD' });
  },
);

ledger.take('_TestRemoteManager.test_remote', 'values of all kinds, through a manager that another process uses as well', async () => {
  await using manager = await Manager.start();
  using list = await manager.create(List);
  const values = [
    'hello world',
    null,
    true,
    2.25,
    'hall\u00e5 v\u00e4rlden',
    '\u043f\u0440\u0438\u0432\u0456\u0442',
    new Uint8Array([0xff]),
    new Map([[1, new Date(0)]]),
  ];
  await pool.submit(appendThere, list as never, values);
  assert.deepEqual(await list.slice(), values);
  await assert.rejects(async () => await list.append(() => 1), { code: 'MEANTIME_NOT_CLONEABLE' });
});

ledger.take(
  ['TestManagerExceptions.test_queue_get', 'TestManagerExceptions.test_dispatch'],
  'an error over there is that error here, and of no hosted thing',
  async () => {
    await using manager = await Manager.start();
    using list = await manager.create(List);
    await assert.rejects(async () => await list.extend(1 as never), TypeError);
    assert.equal(await manager.objects(), 1);
    const any = list as unknown as Record<string, () => unknown>;
    assert.throws(() => any.nosuch(), { code: 'MEANTIME_NO_METHOD' });
  },
);

ledger.account();
