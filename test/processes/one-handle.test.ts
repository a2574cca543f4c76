import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  Manager,
  ProcessBarrier,
  ProcessCondition,
  ProcessEvent,
  ProcessLock,
  ProcessPoolExecutor,
  ProcessQueue,
  ProcessReentrantLock,
  ProcessSemaphore,
  pipe,
  type Remote,
} from 'meantime/processes';
import * as far from './hostile-calls.js';
import { Dict, setFrom } from './manager-classes.js';

/*
 * A worker that was given one handle, and speaks to the hub itself. Everything else that lives in
 * this program has been passed to somebody once, so that the hub serves it.
 */

const travels = Symbol.for('meantime.travels');
const hosted = <T>(handle: T): T => {
  (handle as { [travels](): unknown })[travels]();
  return handle;
};
const runs = () => (globalThis as { ranHere?: true }).ranHere === true;

const pool = new ProcessPoolExecutor({ workers: 1 });
const lock = hosted(new ProcessLock());
const reentrant = hosted(new ProcessReentrantLock());
const semaphore = hosted(new ProcessSemaphore(3));
const event = hosted(new ProcessEvent());
const condition = hosted(new ProcessCondition());
const barrier = hosted(new ProcessBarrier(2));
const queue = hosted(new ProcessQueue<string>(5));
const [here, there] = pipe<string>();
hosted(there);
const manager = hosted(new Manager());
const dict = await manager.create(Dict, [['a', 1]]);
const secretly = await manager.create(Dict, [['a', 'a secret']]);

after(async () => {
  await pool.shutdown();
  await manager.shutdown();
});

/** Everything goes on as if nothing had been. */
async function allIsWell(): Promise<void> {
  assert.equal(runs(), false, 'code of the worker ran in this process');
  for (const each of [lock, reentrant, condition]) (await each.acquire({ timeout: 5000 })).release();
  (await semaphore.acquire(3, { timeout: 5000 })).release();
  assert.equal(await event.isSet(), false);
  assert.equal(await barrier.waiting(), 0);
  await queue.put('still');
  assert.equal(await queue.get({ timeout: 5000 }), 'still');
  assert.equal(await dict.get('a'), 1);
  assert.equal(await secretly.get('a'), 'a secret');
  assert.equal(await Manager.read(secretly, 'label'), 'a dict');
  assert.equal(await manager.objects(), 2);
  assert.equal(typeof (await pool.submit(far.useLock, lock)), 'number');
}

describe('a handle opens what it stands for, and nothing else of its program', () => {
  const handles: [string, unknown][] = Object.entries({
    lock,
    reentrant,
    semaphore,
    event,
    condition,
    barrier,
    queue,
    there,
    manager,
    dict,
  });
  for (const [name, handle] of handles) {
    test(name, async () => {
      const { opened, told, numbers } = await pool.submit(far.openOthers, handle, name === 'lock' ? 1000 : 40);
      assert.deepEqual(opened, []);
      assert.deepEqual(told, ['MEANTIME_CONNECTION_CLOSED']);
      assert.equal(numbers, 'the connection has ended');
      await allIsWell();
    });
  }
});

test('with the handle of one managed object nothing of its manager is to be had', async () => {
  const numbers = (dict as unknown as Remote<Dict>).count(100)[Symbol.asyncIterator]();
  assert.deepEqual(await numbers.next(), { done: false, value: 0 });
  const { own, got, told } = await pool.submit(far.tryTheManager, dict);
  assert.ok(typeof own === 'object' && own !== null && 'answer' in own, 'its own object answers');
  assert.deepEqual(got, []);
  assert.deepEqual(told.sort(), ['MEANTIME_AUTHENTICATION', 'MEANTIME_CONNECTION_CLOSED']);
  // The iterator of another is where it was.
  assert.deepEqual(await numbers.next(), { done: false, value: 1 });
  await numbers.return?.();
  await allIsWell();
});

test('a manager that lives in the program makes no object of what a worker names', async () => {
  const told = await pool.submit(far.tryToMake, manager);
  assert.deepEqual(told, [...Array(5).fill('MEANTIME_NOT_PORTABLE'), ...Array(4).fill('MEANTIME_WIRE')]);
  await allIsWell();
});

test('a forged handle that comes back stands for nothing, whatever the program has itself', async () => {
  const forged = (await pool.submit(far.forgeries, dict)) as Record<string, () => PromiseLike<unknown>>[];
  assert.ok(forged.length > 100);
  let tried = 0;
  for (const handle of forged) {
    const uses: [string, (() => PromiseLike<unknown>) | undefined][] = [
      ['acquire', () => handle.acquire()],
      ['get', () => handle.get()],
      ['create', () => (handle as unknown as Manager).create(Dict)],
      ['receive', () => handle.receive()],
    ];
    for (const [name, use] of uses) {
      if (!(name in handle) || use === undefined) continue;
      tried++;
      await assert.rejects(async () => await use(), { code: 'MEANTIME_CONNECTION_CLOSED' }, `${name} of ${handle.constructor.name}`);
    }
  }
  assert.ok(tried > 100, `${tried} were tried`);
  await allIsWell();
});

test('the honest handle of an object goes on to a third process, and from there', async () => {
  await using other = new ProcessPoolExecutor({ workers: 1 });
  await using apart = await Manager.start();
  for (const maker of [manager, apart]) {
    using object = await maker.create(Dict, [['a', 1]]);
    using keeper = await maker.create(Dict);
    await pool.submit(setFrom, keeper, 'object', object);
    using back = (await other.submit(far.getFrom, keeper, 'object')) as Remote<Dict>;
    assert.equal(await back.get('a'), 1);
    await back.set('name', 'back');
    assert.equal(await object.get('name'), 'back');
  }
  await here.close();
});
