import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Coroutine, clock, seeded, useClock, VirtualClock } from '../core/index.js';
import { call } from './call.js';
import { withTaskGroup } from './group.js';
import { run } from './run.js';
import { scheduler } from './scheduler.js';
import { checkpoint, sleep } from './sleep.js';
import { Lock } from './sync/lock.js';
import { Queue } from './sync/queue.js';
import { withShield } from './with-shield.js';
import { withTimeout } from './with-timeout.js';

const DAY = 24 * 3600 * 1000;
const YEAR = 365 * DAY;
const seed = Number(process.env.MEANTIME_SEED ?? Date.now() % 2 ** 31);
before(() => console.log(`seed ${seed}`));

let restore = (): void => undefined;
after(() => restore());

/** Gives what happened, in a world whose clock starts at 0 and whose order is chosen by this seed, if one is given. */
async function inVirtualTime(program: (say: (what: string) => void) => unknown, order?: number): Promise<string[]> {
  const trace: string[] = [];
  const random = seeded(order ?? 0);
  const backs = [
    useClock(new VirtualClock()),
    scheduler.useOrder(order === undefined ? undefined : (ready) => Math.floor(random() * ready)),
  ];
  restore = () => {
    for (const back of backs.reverse()) back();
    restore = () => undefined;
  };
  await run(() => program((what) => trace.push(`${clock.now()}: ${what}`)), { handleSigint: false });
  restore();
  return trace;
}

/** Two teams, one of async functions and one of generators, that share a lock and a queue for a year, with time limits, cancellations and clean-up. */
async function year(say: (what: string) => void): Promise<void> {
  const random = seeded(seed);
  const days = (most: number): number => DAY * (1 + Math.floor(random() * most));
  const [lock, queue] = [new Lock(), new Queue<string>(2)];

  async function maker(name: string): Promise<void> {
    for (let i = 0; clock.now() < YEAR; i++) {
      await sleep(days(9));
      await lock.with(async () => {
        say(`${name} holds the lock`);
        await sleep(DAY / 2);
      });
      await queue.put(`${name}${i}`);
      say(`${name} has put ${i}`);
    }
  }

  function* taker(name: string): Coroutine<void> {
    while (clock.now() < YEAR) {
      try {
        const item = yield* withTimeout(days(20), () => queue.get());
        say(`${name} got ${item}`);
        yield* call(rest, name, days(3));
      } catch (error) {
        say(`${name}: ${(error as Error).name}`);
      }
    }
  }

  function* rest(name: string, ms: number): Coroutine<void> {
    yield* sleep(ms);
    if (lock.locked) {
      say(`${name} asks for the lock`);
      (yield* lock.acquire()).release();
    }
  }

  function* idler(name: string): Coroutine<void> {
    try {
      yield* sleep(Number.POSITIVE_INFINITY);
    } finally {
      yield* withShield(() => sleep(DAY));
      say(`${name} has cleaned up`);
    }
  }

  await withTaskGroup(async (group) => {
    const makers = ['a', 'b'].map((name) => group.spawn(maker, name));
    for (const name of ['x', 'y', 'z']) group.spawn(taker, name);
    const idlers = ['p', 'q'].map((name) => group.spawn(idler, name));
    await sleep(YEAR / 2);
    for (const each of idlers) each.cancel();
    await sleep(YEAR);
    for (const each of makers) each.cancel();
    say('half a year late');
  });
}

test('a year of work in both forms takes milliseconds, and goes the same way every time', async () => {
  const hashes = new Set<string>();
  let first: string[] = [];
  let quickest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 20; i++) {
    const began = performance.now();
    const trace = await inVirtualTime(year);
    quickest = Math.min(quickest, performance.now() - began);
    if (i === 0) first = trace;
    assert.deepEqual(trace, first);
    hashes.add(createHash('sha256').update(trace.join('\n')).digest('hex'));
  }
  assert.equal(hashes.size, 1);
  assert.ok(first.length > 100, `${first.length} lines`);
  for (const what of ['got', 'holds the lock', 'TimeoutError', 'asks for the lock', 'has cleaned up', 'half a year late']) {
    assert.ok(
      first.some((line) => line.includes(what)),
      `nobody ${what}`,
    );
  }
  assert.ok(quickest < 1000, `${quickest} ms for a year`);
});

test('a sleep of a year takes a millisecond or so of real time, in both forms', async () => {
  const began = performance.now();
  const trace = await inVirtualTime(async (say) => {
    await withTaskGroup((group) => {
      group.spawn(async () => {
        await sleep(YEAR);
        say('async');
      });
      group.spawn(function* () {
        yield* sleep(YEAR);
        say('generator');
      });
    });
  });
  assert.deepEqual(trace.sort(), [`${YEAR}: async`, `${YEAR}: generator`]);
  assert.ok(performance.now() - began < 500);
});

/** Four ways to wait until the same time. */
const waits: { [kind: string]: (say: () => void) => () => unknown } = {
  'an async sleep': (say) => async () => {
    await sleep(10);
    say();
  },
  'a generator that sleeps': (say) =>
    function* () {
      yield* sleep(10);
      say();
    },
  'an async time limit': (say) => () => withTimeout(10, () => sleep(DAY)).catch(say),
  'a time limit of a generator': (say) =>
    function* () {
      try {
        yield* withTimeout(10, () => new Queue(1).get());
      } catch {
        say();
      }
    },
};

test('equal deadlines come in the order in which they were set, also among other kinds of waiting', async () => {
  const kinds = Object.keys(waits);
  const trace = await inVirtualTime(async (say) => {
    await withTaskGroup((group) => {
      for (let i = 0; i < 100; i++) {
        const kind = kinds[i % kinds.length];
        group.spawn(waits[kind](() => say(`${kind} ${i}`)));
      }
    });
  });
  // Within the instant a generator goes on a few microtasks before an async function, and a block ends after what is inside it.
  for (const [k, kind] of kinds.entries()) {
    const wanted = Array.from({ length: 25 }, (_, i) => `10: ${kind} ${4 * i + k}`);
    assert.deepEqual(
      trace.filter((line) => line.includes(`: ${kind} `)),
      wanted,
    );
  }
});

/** x = x + 1 in two tasks, interrupted half way; what comes out depends on the order. */
async function race(say: (what: string) => void): Promise<void> {
  let x = 0;
  await withTaskGroup((group) => {
    group.spawn(async function a() {
      for (let i = 0; i < 2; i++) {
        const read = x;
        say(`a read ${read}`);
        await checkpoint();
        x = read + 1;
      }
    });
    group.spawn(function* b() {
      for (let i = 0; i < 2; i++) {
        const read = x;
        say(`b read ${read}`);
        yield* checkpoint();
        x = read + 1;
      }
    });
  });
  say(`x = ${x}`);
}

test('seeds choose different orders, and each is the same when it is played again', async () => {
  const traces = new Set<string>();
  const outcomes = new Set<string>();
  for (let order = 0; order < 60; order++) {
    const trace = await inVirtualTime(race, seed + order);
    assert.deepEqual(await inVirtualTime(race, seed + order), trace, `order ${seed + order}`);
    traces.add(trace.join('\n'));
    outcomes.add(trace.at(-1) as string);
  }
  assert.ok(traces.size >= 5, `${traces.size} different orders`);
  assert.deepEqual([...outcomes].sort(), ['0: x = 2', '0: x = 3', '0: x = 4'], 'updates are lost in some, and in some not');
});

test('without an order it is first in, first out, and always the same', async () => {
  const first = await inVirtualTime(race);
  for (let i = 0; i < 20; i++) assert.deepEqual(await inVirtualTime(race), first);
});

test('the year under other orders: the same when played again, and everybody still gets what is due', async () => {
  const traces = new Set<string>();
  for (let order = 0; order < 5; order++) {
    const trace = await inVirtualTime(year, seed + order);
    assert.deepEqual(await inVirtualTime(year, seed + order), trace);
    traces.add(trace.join('\n'));
    // One holds the lock at a time, half a day long.
    const held = trace.filter((line) => line.includes('holds the lock')).map((line) => Number(line.split(':')[0]));
    for (let i = 1; i < held.length; i++) assert.ok(held[i] - held[i - 1] >= DAY / 2);
    const made = trace.filter((line) => line.includes('has put')).length;
    const got = trace.filter((line) => line.includes(' got ')).length;
    assert.ok(made - got <= 2, 'what is not in the queue has been got');
  }
  assert.ok(traces.size > 1);
});
