import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { type Clock, clock, seeded, type Timer, useClock, VirtualClock } from '../core/index.js';
import { type Alarm, alarms } from './alarms.js';

const seed = Number(process.env.MEANTIME_SEED ?? Date.now() % 2 ** 31);
let restore: () => void;
before(() => {
  console.log(`seed ${seed}`);
  restore = useClock(new VirtualClock());
});
after(() => restore());

/** Names of the alarms that have rung, with the time. */
let rung: string[] = [];
beforeEach(() => {
  rung = [];
});

class Bell implements Alarm {
  at = 0;
  order = 0;
  place = -1;
  readonly name: string;
  /** What it does beside ringing. */
  readonly also: (() => void) | undefined;

  constructor(name: string, also?: () => void) {
    this.name = name;
    this.also = also;
  }

  ring(): void {
    rung.push(`${this.name} at ${clock.now()}`);
    this.also?.();
  }
}

const set = (name: string, at: number, also?: () => void): Bell => {
  const bell = new Bell(name, also);
  alarms.set(bell, at);
  return bell;
};

/** Until so much time has passed. The clock's own timer: what is under test does not judge itself. */
const pass = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));

test('alarms ring when they are due, equal ones in the order in which they were set', async () => {
  const now = clock.now();
  for (const [name, at] of [
    ['c', 9],
    ['a', 5],
    ['d', 9],
    ['b', 5],
    ['e', 9],
  ] as const)
    set(name, now + at);
  await pass(10);
  assert.deepEqual(
    rung,
    ['a', 'b', 'c', 'd', 'e'].map((name) => `${name} at ${now + (name < 'c' ? 5 : 9)}`),
  );
});

test('an alarm that is set earlier than all others rings in time', async () => {
  const now = clock.now();
  set('late', now + 1000);
  await pass(10); // the timer stands at the late one
  set('early', now + 20);
  await pass(1000);
  assert.deepEqual(rung, [`early at ${now + 20}`, `late at ${now + 1000}`]);
});

test('an alarm that was taken away never rings, and the others ring as before', async () => {
  const now = clock.now();
  const bells = ['a', 'b', 'c', 'd'].map((name) => set(name, now + 5));
  alarms.clear(bells[0]);
  alarms.clear(bells[2]);
  alarms.clear(bells[2]);
  assert.deepEqual(
    bells.map(({ place }) => place >= 0),
    [false, true, false, true],
  );
  await pass(10);
  assert.deepEqual(rung, [`b at ${now + 5}`, `d at ${now + 5}`]);
  assert.ok(bells.every(({ place }) => place === -1));
});

test('a bell that rings may set others, take others away, and set itself again', async () => {
  const now = clock.now();
  const doomed = new Bell('doomed');
  const again: Bell = new Bell('again', () => {
    if (clock.now() < now + 15) alarms.set(again, clock.now() + 5);
  });
  set('killer', now + 5, () => {
    alarms.clear(doomed);
    set('overdue', now);
  });
  alarms.set(doomed, now + 5);
  alarms.set(again, now + 5);
  await pass(30);
  assert.deepEqual(rung, [`killer at ${now + 5}`, `overdue at ${now + 5}`, ...[5, 10, 15].map((ms) => `again at ${now + ms}`)]);
});

/** Counts the timers of the clock beneath it. */
class CountingClock implements Clock {
  made = 0;
  open = 0;
  readonly #below: Clock;

  constructor(below: Clock) {
    this.#below = below;
  }

  now(): number {
    return this.#below.now();
  }

  wall(): number {
    return this.#below.wall();
  }

  soon(fn: () => void): void {
    this.#below.soon(fn);
  }

  after(ms: number, fn: () => void): Timer {
    this.made++;
    this.open++;
    const timer = this.#below.after(ms, () => {
      this.open--;
      fn();
    });
    return {
      cancel: () => {
        this.open--;
        timer.cancel();
      },
    };
  }
}

test('all alarms share one timer, and when the last is gone there is none: the process may end', async () => {
  const counting = new CountingClock(clock);
  const back = useClock(counting);
  const turns = (): Promise<void> => new Promise((resolve) => clock.soon(() => clock.soon(resolve)));
  const bells = [1, 2, 3].map((n) => set(`${n}`, clock.now() + 1000 * n));
  await turns();
  assert.deepEqual([counting.made, counting.open], [1, 1]);
  for (const bell of bells) alarms.clear(bell);
  await turns();
  assert.deepEqual([counting.made, counting.open], [1, 0]);
  back();
});

/** Sets an alarm, takes one away by its number, moves one, or lets time pass. */
const program = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ set: fc.integer({ min: 0, max: 12 }) }) },
    { weight: 3, arbitrary: fc.record({ clear: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ move: fc.nat(20), by: fc.integer({ min: 0, max: 12 }) }) },
    { weight: 2, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 6 }) }) },
  ),
  { maxLength: 80 },
);

test('whatever is set, moved and taken away: what rings, when and in which order is that of a sorted list', async () => {
  await fc.assert(
    fc.asyncProperty(program, async (steps) => {
      rung = [];
      const bells: Bell[] = [];
      // The model: entries of one array, sorted anew each time.
      let waiting: { bell: Bell; at: number; order: number }[] = [];
      const expected: string[] = [];
      let orders = 0;
      const forget = (bell: Bell): void => {
        waiting = waiting.filter((entry) => entry.bell !== bell);
      };
      const until = async (time: number): Promise<void> => {
        waiting.sort((a, b) => a.at - b.at || a.order - b.order);
        while (waiting.length > 0 && waiting[0].at <= time) {
          const { bell, at } = waiting.shift() as (typeof waiting)[number];
          expected.push(`${bell.name} at ${at}`);
        }
        await pass(time - clock.now());
        // Timers of one instant fire one after another; the alarms' own may be the later one.
        await pass(0);
        await pass(0);
      };
      for (const step of steps) {
        if ('set' in step) {
          const at = clock.now() + step.set + 1;
          const bell = set(`${bells.length}`, at);
          bells.push(bell);
          waiting.push({ bell, at, order: orders++ });
        } else if ('pass' in step) await until(clock.now() + step.pass);
        else {
          const bell = bells.at(-1 - ('clear' in step ? step.clear : step.move));
          if (bell === undefined) continue;
          alarms.clear(bell);
          forget(bell);
          if ('by' in step) {
            const at = clock.now() + step.by + 1;
            alarms.set(bell, at);
            waiting.push({ bell, at, order: orders++ });
          }
        }
      }
      await until(clock.now() + 20);
      assert.deepEqual(rung, expected);
    }),
    { seed, numRuns: 200 },
  );
});

test('a hundred thousand alarms, half of them taken away again from anywhere, ring in order', async () => {
  const random = seeded(seed);
  const began = performance.now();
  const now = clock.now();
  const bells: Bell[] = [];
  for (let i = 0; i < 100_000; i++) bells.push(set(`${i}`, now + 1 + Math.floor(random() * 1000)));
  const kept = bells.filter((bell) => {
    const keep = random() < 0.5;
    if (!keep) alarms.clear(bell);
    return keep;
  });
  await pass(1100);
  const expected = kept.sort((a, b) => a.at - b.at || a.order - b.order).map((bell) => `${bell.name} at ${bell.at}`);
  assert.deepEqual(rung, expected);
  assert.ok(performance.now() - began < 10_000, 'each takes the logarithm of their number');
});
