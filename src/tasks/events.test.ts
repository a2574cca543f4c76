import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { test } from 'node:test';
import { type Coroutine, type ProbeEvent, useClock, VirtualClock } from '../core/index.js';
import { FutureSource } from '../futures/index.js';
import { cancellable } from './cancellable.js';
import { withTaskGroup } from './group.js';
import { run } from './run.js';
import { checkpoint, sleep } from './sleep.js';
import { Lock } from './sync/lock.js';
import { Queue } from './sync/queue.js';
import { told } from './told.js';
import { withTimeout } from './with-timeout.js';

/** What was published while a program ran, without the main task. */
async function eventsOf(program: () => unknown): Promise<ProbeEvent[]> {
  const events: ProbeEvent[] = [];
  const listen = (event: unknown): void => void events.push(event as ProbeEvent);
  const restore = useClock(new VirtualClock());
  diagnostics.subscribe('meantime:tasks', listen);
  try {
    await run(program, { handleSigint: false });
  } finally {
    diagnostics.unsubscribe('meantime:tasks', listen);
    restore();
  }
  return events;
}

/** The life of the task of that name, in short. */
function lifeOf(events: ProbeEvent[], name: string): string[] {
  return events
    .filter((event) => event.name === name)
    .map(({ what, reason, outcome }) => [what, reason, outcome].filter((word) => word !== undefined).join(' '));
}

test('every spawn, start, suspend, resume and end is told, in both forms, with the reason and the outcome', async () => {
  const [lock, queue, source] = [new Lock(), new Queue<number>(1), new FutureSource<void>()];
  const events = await eventsOf(async () => {
    await withTaskGroup(
      async (group) => {
        const sleeper = group.spawn(function* sleeper(): Coroutine<void> {
          const guard = yield* lock.acquire();
          yield* sleep(5);
          guard.release();
          yield* checkpoint();
        });
        group.spawn(async function asker() {
          const guard = await lock.acquire();
          guard.release();
          await queue.get();
          await source.future;
          await cancellable(Promise.resolve());
        });
        group.spawn(function* giver(): Coroutine<void> {
          yield* sleeper;
          yield* withTimeout(1000, () => sleep(5));
          yield* queue.put(1);
          yield* sleep(5);
          source.fulfil();
          yield* cancellable(Promise.resolve());
        });
        group.spawn(async function fails() {
          await checkpoint();
          throw new Error('on its way');
        });
        const victim = group.spawn(function* victim(): Coroutine<void> {
          yield* sleep(60_000);
        });
        await sleep(20);
        victim.cancel();
      },
      { onFailure: 'collect' },
    ).catch(() => undefined);
  });
  assert.deepEqual(lifeOf(events, 'sleeper'), ['spawn', 'start', 'suspend timer', 'resume timer', 'suspend turn', 'resume turn', 'end ok']);
  assert.deepEqual(lifeOf(events, 'asker'), [
    'spawn',
    'start',
    ...['lock', 'queue', 'call', 'io'].flatMap((reason) => [`suspend ${reason}`, `resume ${reason}`]),
    'end ok',
  ]);
  assert.deepEqual(lifeOf(events, 'giver'), [
    'spawn',
    'start',
    'suspend task',
    'resume task',
    // The block's own wait, and that of the task for the block.
    'suspend timer',
    'suspend block',
    'resume timer',
    'resume block',
    'suspend timer',
    'resume timer',
    'suspend io',
    'resume io',
    'end ok',
  ]);
  assert.deepEqual(lifeOf(events, 'fails'), ['spawn', 'start', 'suspend turn', 'resume turn', 'end error']);
  assert.deepEqual(lifeOf(events, 'victim'), ['spawn', 'start', 'suspend timer', 'resume timer', 'end cancelled']);
});

test('an event has the number of its task and of the task that spawned it, and the time on the clock of the process', async () => {
  const before = process.hrtime.bigint();
  const events = await eventsOf(async function main() {
    await withTaskGroup((group) => void group.spawn(async function child() {}));
  });
  const spawns = events.filter(({ what }) => what === 'spawn');
  assert.deepEqual(
    spawns.map(({ name }) => name),
    ['main', 'child'],
  );
  assert.equal(spawns[0].parent, undefined);
  assert.equal(spawns[1].parent, spawns[0].id);
  let last = before;
  for (const { at } of events) {
    assert.ok(at >= last);
    last = at;
  }
  assert.ok(last <= process.hrtime.bigint());
});

test('a wait names what it is for', async () => {
  const events = await eventsOf(async () => {
    await withTaskGroup((group) => {
      const first = group.spawn(() => sleep(5));
      group.spawn(async function second() {
        await first;
      });
    });
  });
  const [, wait] = events.filter(({ what }) => what === 'suspend');
  assert.equal(wait.on, `task #${Number(wait.id) - 1}`);
});

test('nobody listens: nothing is asked for, and nothing is told', async () => {
  assert.equal(told.look(), process.env.MEANTIME_DEBUG === '1');
  const events = await eventsOf(() => checkpoint());
  assert.ok(events.length > 0);
  assert.equal(told.look(), process.env.MEANTIME_DEBUG === '1');
});

test('who begins to listen in the middle hears of what follows, from the next turn on at the latest', async () => {
  const seen: string[] = [];
  const listen = (event: unknown): void => void seen.push((event as ProbeEvent).what);
  await withTaskGroup((group) => {
    group.spawn(async () => {
      await sleep(1);
      diagnostics.subscribe('meantime:tasks', listen);
      await sleep(1);
      await sleep(1);
      diagnostics.unsubscribe('meantime:tasks', listen);
      await sleep(1);
    });
  });
  assert.deepEqual(seen.slice(-2), ['suspend', 'resume']);
});
