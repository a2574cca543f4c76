import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Executor } from 'meantime';
import { Manager, Process, ProcessQueue, pipe } from 'meantime/processes';
import { SharedQueue, Thread } from 'meantime/threads';
import { add } from '../fixtures/calls/calls.js';
import { kinds } from '../fixtures/calls/pools.js';
import { between, type Fate, failWith, give, giveAt5, hostile, look, Store, throwIt } from '../fixtures/hostile/values.js';
import { within } from '../fixtures/reviewed/within.js';

/**
 * A value that can be written and not read, or not looked through, costs its own call and nobody
 * else's.
 */
const limit = { timeout: 240_000 };
/** A guard against hanging: on a machine with nothing else to do most take some ms. */
const LONG = 30_000;

async function comesTo(fate: Fate, name: string, sent: PromiseLike<unknown>): Promise<void> {
  let error: Error | undefined;
  try {
    await within(name, sent, LONG);
  } catch (thrown) {
    error = thrown as Error;
  }
  // One that cannot even be asked whether it is a promise fails its own call before that.
  const expected = fate === 'either' ? /^(NotCloneable|Range)Error$/ : /^NotCloneableError$/;
  if (error !== undefined) assert.match(error.name, expected, `${name}: ${error.message}`);
  if (fate !== 'either') assert.equal(error === undefined ? 'arrives' : 'refused', fate, name);
}

for (const { name: kind, make } of kinds) {
  describe(kind, () => {
    test('an argument, a result, something thrown', limit, async () => {
      await using pool = make({ workers: 1 });
      for (const [name, { make: made, fate }] of Object.entries(hostile)) {
        const value = made();
        const [argument, one] = [pool.submit(look, value), pool.submit(add, 1, 1)];
        const [result, two] = [pool.submit(give, name), pool.submit(add, 1, 2)];
        const [error, three] = [pool.submit(failWith, name), pool.submit(add, 1, 3)];
        const [thrown, four] = [pool.submit(throwIt, name), pool.submit(add, 1, 4)];
        await Promise.all([argument, result, error, thrown].map((future) => future.catch(() => undefined)));
        await comesTo(fate, name, argument);
        await comesTo(fate, name, result);
        await assert.rejects(within(name, error, LONG), { name: 'RangeError', message: 'kept', code: 'KEPT' }, name);
        const outcome = await thrown.then(assert.fail, (reason: unknown) => reason);
        if (fate === 'refused') assert.equal((outcome as Error).name, 'NotCloneableError', name);
        assert.deepEqual(await within(name, Promise.all([one, two, three, four]), LONG), [2, 3, 4, 5], name);
      }
      assert.equal(pool.stats().lost, 0);
    });

    test('an input of a chunk, its result, a value of a stream', limit, async () => {
      await using pool = make({ workers: 1 });
      const executor: Executor = pool;
      const statuses = async (results: PromiseLike<{ status: string; reason?: unknown }[]>) =>
        (await within('the map', results, LONG)).map((each) => (each.reason === undefined ? each.status : (each.reason as Error).name));
      for (const [name, { make: made, fate }] of Object.entries(hostile)) {
        const around = (own: string) => ['fulfilled', 'fulfilled', own, 'fulfilled'];
        const expected = fate === 'refused' ? around('NotCloneableError') : around('fulfilled');
        const settled = { chunk: 4, onError: 'settle' } as const;
        if (fate === 'either') continue;
        assert.deepEqual(await statuses(executor.map(giveAt5, [1, 2, name, 4], settled) as never), expected, name);
        assert.deepEqual(await statuses(executor.map(look, [1, 2, made(), 4], settled) as never), expected, name);
        const values: string[] = [];
        const read = async () => {
          for await (const value of pool.stream(between, name)) values.push(typeof value);
        };
        await comesTo(fate, name, read());
        assert.equal(values[0], 'string', name);
        assert.equal(await within(name, pool.submit(add, 1, 1)), 2);
      }
      assert.equal(pool.stats().lost, 0);
    });
  });
}

test('a worker for one call', limit, async () => {
  for (const start of [
    (fn: typeof give, name: string) => Thread.start(fn, name),
    (fn: typeof give, name: string) => Process.start(fn, name),
  ]) {
    await comesTo('refused', '3,500 objects', start(give, '3,500 objects'));
    await comesTo('arrives', 'what looks like a handle', start(give, 'what looks like a handle'));
  }
});

test('pipes, queues and managed objects', limit, async () => {
  const [a, b] = pipe();
  const shared = new SharedQueue(4);
  await using queue = new ProcessQueue(4);
  await using manager = await Manager.start();
  using store = await manager.create(Store);
  for (const [name, { make: made, fate }] of Object.entries(hostile)) {
    const value = made();
    const [sent] = [a.send(value), a.send('beside')];
    await comesTo(fate, name, sent);
    const isIn = await sent.then(
      () => true,
      () => false,
    );
    if (isIn) await within(name, b.receive(), LONG);
    assert.equal(await within(name, b.receive(), LONG), 'beside');

    for (const each of [queue, shared]) {
      const put = (async () => each.put(value))();
      await comesTo(fate, name, put);
      await each.put('beside');
      let got = await within(name, each.get(), LONG);
      if (got !== 'beside') got = await within(name, each.get(), LONG);
      assert.equal(got, 'beside');
    }

    const [kept, given] = [store.keep(value), store.give(name)];
    await Promise.all([kept, given].map((future) => (future as Promise<unknown>).catch(() => undefined)));
    await comesTo(fate, name, kept);
    await comesTo(fate, name, given);
    assert.equal(await within(name, store.keep(1), LONG), 'number');
  }
  await a.close();
  await b.close();
});
