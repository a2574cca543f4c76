// The end of a pipe leaves with the value it is in when that has been taken, and not when it was refused, cut off or could not be sent.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Connection, connect, Listener, Manager, ProcessPoolExecutor, ProcessQueue, pipe } from 'meantime/processes';
import { ThreadPoolExecutor } from 'meantime/threads';
import * as far from './ends-stay-calls.js';

type End = Connection<unknown>;

const pools = { threads: new ThreadPoolExecutor({ workers: 1 }), processes: new ProcessPoolExecutor({ workers: 1 }) };
const manager = await Manager.start();
const keeper = await manager.create(far.Keeper);
const local = new Manager();
const keeperHere = await local.create(far.Keeper);
/** A queue that lives in another process. */
const farQueue = (await keeper.queue()) as ProcessQueue<unknown>;
after(async () => {
  await Promise.all([pools.threads.shutdown(), pools.processes.shutdown(), manager.shutdown(), local.shutdown()]);
});

const fn = (): void => undefined;
const shortly = { timeout: 1 };
const gone = async (): Promise<Manager> => {
  const dead = await Manager.start();
  return dead;
};

/** Each refuses what has the end in it. */
const refusals: Record<string, (end: End) => PromiseLike<unknown>> = {};

for (const [name, make] of Object.entries({ 'queue here': () => new ProcessQueue<unknown>(1), 'queue elsewhere': () => farQueue })) {
  Object.assign(refusals, {
    [`${name}, not cloneable`]: (end: End) => make().put({ end, fn }),
    [`${name}, not cloneable, tryPut`]: (end: End) => make().tryPut([end, fn]),
    [`${name}, not cloneable, putMany`]: (end: End) => make().putMany([end, fn]),
    [`${name}, aborted before`]: (end: End) => make().put(end, { signal: AbortSignal.abort() }),
    [`${name}, timed out while it waited for room`]: async (end: End) => {
      const queue = make();
      while (await queue.tryPut('full'));
      await queue.put({ end }, shortly).finally(() => queue.getMany(100));
    },
    [`${name}, cancelled while it waited for room`]: async (end: End) => {
      const queue = make();
      while (await queue.tryPut('full'));
      const putting = queue.putMany([{ end }, 2]);
      putting.cancel();
      await putting.finally(() => queue.getMany(100));
    },
    [`${name}, cancelled at once`]: async (end: End) => {
      const queue = make();
      while (await queue.tryPut('full'));
      const putting = queue.put({ end });
      await queue.size(); // the put has arrived
      putting.cancel();
      await putting.finally(() => queue.getMany(100));
    },
    [`${name}, no room, tryPut`]: async (end: End) => {
      const queue = make();
      while (await queue.tryPut('full'));
      const isIn = await queue.tryPut(end);
      await queue.getMany(100);
      if (!isIn) throw new Error('no room');
    },
  });
}
Object.assign(refusals, {
  'queue here, closed': async (end: End) => {
    const queue = new ProcessQueue<unknown>(1);
    await queue.close();
    await queue.put({ end });
  },
  'queue here, closed while it waited for room': async (end: End) => {
    const queue = new ProcessQueue<unknown>(1);
    await queue.put('full');
    const putting = queue.put({ end });
    await queue.close();
    await putting;
  },
  'queue elsewhere, closed': async (end: End) => {
    const queue = (await keeper.queue()) as ProcessQueue<unknown>;
    await queue.close();
    await queue.put({ end });
  },
  'queue elsewhere, closed, putMany': async (end: End) => {
    const queue = (await keeper.queue()) as ProcessQueue<unknown>;
    await queue.close();
    await queue.putMany([1, { end }]);
  },
  'queue elsewhere, its process is gone': async (end: End) => {
    const dead = await gone();
    const queue = (await (await dead.create(far.Keeper)).queue()) as ProcessQueue<unknown>;
    await queue.put(1);
    await dead.shutdown();
    await queue.size().then(undefined, fn); // it is known here
    await queue.put(end);
  },
  'queue here, disposed of': async (end: End) => {
    const queue = new ProcessQueue<unknown>(1);
    queue[Symbol.dispose]();
    await queue.put(end);
  },
  'pipe, not cloneable': (end: End) => pipe()[0].send({ end, fn }),
  'pipe, closed': async (end: End) => {
    const [a] = pipe();
    await a.close();
    await a.send({ end });
  },
  'pipe, the other end closed': async (end: End) => {
    const [a, b] = pipe();
    await b.close();
    await a.send({ end });
  },
  'pipe, aborted before': (end: End) => pipe()[0].send({ end }, { signal: AbortSignal.abort() }),
  'pipe, timed out while it waited for room': async (end: End) => {
    const [a] = pipe<unknown>();
    await a.send(new Uint8Array(2 ** 21));
    await a.send({ end }, shortly);
  },
  'pipe, cancelled while it waited for room': async (end: End) => {
    const [a] = pipe<unknown>();
    await a.send(new Uint8Array(2 ** 21));
    const sending = a.send({ end });
    sending.cancel();
    await sending;
  },
  'pipe, closed while it waited for room': async (end: End) => {
    const [a] = pipe<unknown>();
    await a.send(new Uint8Array(2 ** 21));
    const sending = a.send({ end });
    await a.close();
    await sending;
  },
  'pipe, an error with it and something that cannot be described': (end: End) =>
    pipe()[0].send({ error: Object.assign(new Error('e'), { end }), fn }),
  'socket, which takes none over': async (end: End) => {
    await using listener = await Listener.open({ key: 'a key that is long enough' });
    const [there, here] = await Promise.all([listener.accept(), connect(listener.path, { key: 'a key that is long enough' })]);
    try {
      await here.send({ end, fn });
    } finally {
      await here.close();
      await there.close();
    }
  },
  'socket, over its limit': async (end: End) => {
    const limits = { key: 'a key that is long enough', maxMessageSize: 1000 };
    await using listener = await Listener.open(limits);
    const [there, here] = await Promise.all([listener.accept(), connect(listener.path, limits)]);
    try {
      await here.send({ end, large: 'x'.repeat(2000) });
    } finally {
      await here.close();
      await there.close();
    }
  },
  'manager, not cloneable': (end: End) => keeper.take({ end, fn }),
  'manager, an argument of a constructor': (end: End) => manager.create(far.Keeper, end, fn),
  'manager here, not cloneable': (end: End) => keeperHere.take({ end, fn }),
  'manager, a property': (end: End) => Manager.write(keeper, 'kept', { end, fn }),
  'manager, its process is gone': async (end: End) => {
    const dead = await gone();
    const object = await dead.create(far.Keeper);
    await dead.shutdown();
    await object.take(1).then(undefined, fn);
    await object.take({ end });
  },
});
for (const [name, pool] of Object.entries(pools)) {
  Object.assign(refusals, {
    [`${name}: argument`]: (end: End) => pool.submit(far.take, { end, fn }),
    [`${name}: one of several arguments`]: (end: End) => pool.submit(far.take, end, fn),
    [`${name}: input of a map`]: async (end: End) => await pool.map(far.take, [{ end, fn }]),
    [`${name}: argument of a stream`]: async (end: End) => {
      for await (const _ of pool.stream(far.takeEach, { end, fn }));
    },
    [`${name}: a broadcast`]: (end: End) => pool.broadcast(far.take, { end, fn }),
    [`${name}: a signal that was aborted`]: (end: End) => pool.with({ signal: AbortSignal.abort() }).submit(far.take, end),
    [`${name}: cancelled before it was sent`]: async (end: End) => {
      const call = pool.submit(far.take, end);
      call.cancel();
      await call;
    },
    [`${name}: a pool that was shut down`]: async (end: End) => {
      const over = name === 'threads' ? new ThreadPoolExecutor({ workers: 1 }) : new ProcessPoolExecutor({ workers: 1 });
      await over.shutdown();
      await over.submit(far.take, end);
    },
  });
}

for (const [name, refuse] of Object.entries(refusals)) {
  test(`${name}: the end still works here`, async () => {
    const [end, other] = pipe<unknown>();
    await assert.rejects(async () => await refuse(end));
    await end.send('still here');
    assert.equal(await other.receive(), 'still here');
    await other.send('and back');
    assert.equal(await end.receive(), 'and back');
    // It can go on from here.
    assert.equal(await pools.processes.submit(far.answer, end, other), 'went');
  });
}

for (const [name, pool] of Object.entries(pools)) {
  test(`${name}: the end in a result, or in what is yielded, that cannot travel still works over there`, async () => {
    for (const way of ['result', 'part', 'item', 'manager'] as const) {
      const [end, other] = pipe<unknown>();
      await pool.submit(far.keep, end);
      if (way === 'result') await assert.rejects(async () => await pool.submit(far.giveBadly), { code: 'MEANTIME_NOT_CLONEABLE' });
      if (way === 'part') await assert.rejects(async () => await pool.map(far.giveBadly, [1]), { code: 'MEANTIME_NOT_CLONEABLE' });
      if (way === 'item')
        await assert.rejects(
          async () => {
            for await (const _ of pool.stream(far.yieldBadly));
          },
          { code: 'MEANTIME_NOT_CLONEABLE' },
        );
      await pool.submit(far.useKept);
      assert.equal(await other.receive(), 'kept');
      const back = (await pool.submit(far.give)) as End;
      await back.send('home again');
      assert.equal(await other.receive(), 'home again');
    }
  });
}

test('what was taken by somebody before the news of it arrives is used there at once', async () => {
  const readers = new ProcessPoolExecutor({ workers: 2 });
  const [end, other] = pipe<unknown>();
  const reading = readers.submit(far.answerFrom, farQueue);
  await farQueue.put(end);
  assert.equal(await other.receive(), 'from the queue');
  await reading;
  await readers.shutdown();
});
