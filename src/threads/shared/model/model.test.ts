import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { atomics, type Bytes, type Words } from '../atomics.js';
import { explore, replay, summary } from './explore.js';
import { NotModelledError } from './recorder.js';
import { Run } from './run.js';
import type { Explored, Scenario } from './scenario.js';
import type { Outcome } from './step.js';
import { Violation } from './violation.js';

/*
 * The checker checked: on small random programs its reduction must end in the same states as plain enumeration of every order of steps.
 */

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = Number(process.env.RUNS ?? 100);

interface Memory {
  words: Words;
  bytes: Bytes;
}

/** One step of a random program. What a thread was told decides whether it does the next: so its steps depend on the others'. */
interface Op {
  kind: 'load' | 'get' | 'store' | 'set' | 'add' | 'cas' | 'exchange' | 'wait' | 'notify' | 'in' | 'out';
  at: number;
  value: number;
  ms: number;
  /** Skips the next step if it was told this. */
  skip: number;
}

const op = (waits: boolean): fc.Arbitrary<Op> =>
  fc.record({
    kind: fc.constantFrom<Op['kind'][]>(
      'load',
      'store',
      'add',
      'cas',
      'exchange',
      'in',
      'out',
      ...(waits ? (['wait', 'notify'] as const) : []),
    ),
    at: fc.nat(1),
    value: fc.nat(1),
    ms: fc.constantFrom(5, 1000, Number.POSITIVE_INFINITY),
    skip: fc.nat(3),
  });

function perform(memory: Memory, { kind, at, value, ms }: Op): number | string {
  const { words, bytes } = memory;
  switch (kind) {
    case 'load':
      return atomics.load(words, at);
    case 'get':
      return atomics.get(words, at);
    case 'set':
      atomics.set(words, at, value);
      return 0;
    case 'store':
      return atomics.store(words, at, value);
    case 'add':
      return atomics.add(words, at, value);
    case 'cas':
      return atomics.compareExchange(words, at, value, 1 - value);
    case 'exchange':
      return atomics.exchange(words, at, value);
    case 'wait':
      return atomics.wait(words, at, value, ms);
    case 'notify':
      return atomics.notify(words, at, value + 1);
    case 'in':
      atomics.copyIn(bytes, 2 * at, Uint8Array.of(value, value + 1, 7));
      return 0;
    case 'out': {
      const data = new Uint8Array(3);
      atomics.copyOut(bytes, 2 * at, data);
      return data.join();
    }
  }
}

function program(ops: readonly Op[]): (memory: Memory) => string {
  return (memory) => {
    const told: (number | string)[] = [];
    for (let i = 0; i < ops.length; i++) {
      const answer = perform(memory, ops[i]);
      told.push(answer);
      if (answer === ops[i].skip) i++;
    }
    return `${told.join(' ')} at ${atomics.now()}`;
  };
}

type Search = 'orders' | 'states' | 'plain';

function ends(scenario: Scenario<Memory>, search: Search, mayRace = true): { seen: Set<string>; explored: Explored } {
  const seen = new Set<string>();
  const check = ({ words, bytes }: Memory, outcomes: readonly Outcome[]): void => {
    const told = outcomes.map((each) => (each.ended === 'returned' ? String(each.value) : each.ended));
    seen.add(`${words.join()} ${bytes.join()} ${told.join(' | ')}`);
  };
  const options = search === 'plain' ? {} : { search, maxSchedules: 1e7, maxStates: 1e7 };
  const explored = new Run({ ...scenario, ...options, check, mayDeadlock: true, mayRace }).explore(search !== 'plain');
  assert.ok(explored.complete);
  return { seen, explored };
}

type Options = Pick<Scenario<Memory>, 'deaths' | 'timeouts' | 'limit'>;

/** Whether the searches, and plain enumeration, come to the same ends. */
function compare(t: TestContext, options: fc.Arbitrary<Options>, sizes: readonly number[], { waits = true, runs = RUNS } = {}): void {
  let [orders, states, plain, different] = [0, 0, 0, 0];
  const programs = fc.tuple(...sizes.map((maxLength) => fc.array(op(waits), { minLength: 1, maxLength })));
  t.diagnostic(`SEED=${SEED}`);
  fc.assert(
    fc.property(programs, options, (threads, rest) => {
      const scenario: Scenario<Memory> = {
        name: 'random programs',
        setup: () => ({ words: new Int32Array(new SharedArrayBuffer(12)), bytes: new Uint8Array(new SharedArrayBuffer(6)) }),
        threads: threads.map(program),
        onDeath: ({ words }, thread) => {
          atomics.add(words, 2, thread);
          atomics.notify(words, 0, 1);
        },
        ...rest,
      };
      const all = ends(scenario, 'plain');
      const byOrder = ends(scenario, 'orders');
      const byState = ends(scenario, 'states');
      assert.deepEqual([...byOrder.seen].sort(), [...all.seen].sort());
      assert.deepEqual([...byState.seen].sort(), [...all.seen].sort());
      assert.ok(byOrder.explored.schedules <= all.explored.schedules);
      orders += byOrder.explored.schedules;
      states += byState.explored.states;
      plain += all.explored.schedules;
      different += all.seen.size;
    }),
    { seed: SEED, numRuns: runs },
  );
  t.diagnostic(`${runs} programs: ${plain} schedules, ${orders} of them by orders, ${states} states; ${different} different ends`);
}

/** Whether the searches say that there is a race; and, where there is none, come to the same ends though no state is seen between what is not atomic. */
function compareRaces(t: TestContext, options: fc.Arbitrary<Options>, sizes: readonly number[], kinds: readonly Op['kind'][]): void {
  let [raced, calm] = [0, 0];
  const some = op(true).chain((each) => fc.constantFrom(...kinds).map((kind) => ({ ...each, kind })));
  const programs = fc.tuple(...sizes.map((maxLength) => fc.array(some, { minLength: 1, maxLength })));
  t.diagnostic(`SEED=${SEED}`);
  fc.assert(
    fc.property(programs, options, (threads, rest) => {
      const scenario: Scenario<Memory> = {
        name: 'random programs',
        setup: () => ({ words: new Int32Array(new SharedArrayBuffer(12)), bytes: new Uint8Array(new SharedArrayBuffer(6)) }),
        threads: threads.map(program),
        ...rest,
      };
      const [byOrder, byState] = (['orders', 'states'] as const).map((search) => race(scenario, search));
      assert.equal(byOrder instanceof Violation, byState instanceof Violation);
      if (byOrder instanceof Violation || byState instanceof Violation) {
        // Replayed, all races of the schedule are seen, and the first one is told: it may be another than where two could move.
        for (const found of [byOrder, byState] as Violation[])
          assert.throws(() => replay({ ...scenario, mayDeadlock: true }, found.schedule), /a race/);
        raced++;
        return;
      }
      const all = [...ends(scenario, 'plain').seen].sort();
      assert.deepEqual([...byState].sort(), all);
      assert.deepEqual([...byOrder].sort(), all);
      calm++;
    }),
    { seed: SEED, numRuns: RUNS },
  );
  t.diagnostic(`${raced} programs with a race, ${calm} without`);
  assert.ok(raced > 0 && calm > 0);
}

function race(scenario: Scenario<Memory>, search: 'orders' | 'states'): Violation | Set<string> {
  try {
    return ends(scenario, search, false).seen;
  } catch (error) {
    if (error instanceof Violation && /a race/.test(error.message)) return error;
    throw error;
  }
}

test('races of two', (t) =>
  compareRaces(t, fc.record({ deaths: fc.nat(1), timeouts: fc.nat(1) }), [5, 5], ['get', 'set', 'cas', 'wait', 'notify', 'store', 'load']));
test('races of three', (t) => compareRaces(t, fc.constant({}), [3, 3, 2], ['get', 'in', 'out', 'cas', 'load', 'exchange']));

test('two threads that do not wait', (t) => compare(t, fc.constant({}), [5, 5], { waits: false }));
test('three threads that do not wait', (t) => compare(t, fc.constant({}), [3, 3, 2], { waits: false }));
test('two threads that wait', (t) => compare(t, fc.constant({}), [5, 5]));
test('three threads that wait', (t) => compare(t, fc.constant({}), [3, 3, 3]));
test('time-outs', (t) => compare(t, fc.record({ timeouts: fc.nat(2), limit: fc.constantFrom(0, 10) }), [3, 3, 2]));
test('deaths of two', (t) => compare(t, fc.record({ deaths: fc.nat(1), timeouts: fc.nat(1), limit: fc.constantFrom(0, 10) }), [3, 3]));
test('deaths of three', (t) => compare(t, fc.record({ deaths: fc.nat(2), limit: fc.constantFrom(0, 10) }), [2, 2, 2], { runs: RUNS / 10 }));

/*
 * What it says of what it cannot model, and how it is asked.
 */

const words = (): Words => new Int32Array(new SharedArrayBuffer(16));
const inc = (w: Words): void => void atomics.store(w, 0, atomics.load(w, 0) + 1);

test('all ends of x = x + 1, and each state once', () => {
  const seen = new Set<number>();
  const scenario: Scenario<Words> = { name: 'x', setup: words, threads: [inc, inc, inc], check: (w) => void seen.add(w[0]) };
  const explored = explore(scenario);
  assert.deepEqual([...seen].sort(), [1, 2, 3]);
  assert.equal(explored.schedules + explored.left, 27);
  assert.equal(explored.complete, true);
  assert.match(summary(explored), /^x: 27 schedules .* 3 threads, 0 deaths, 0 time-outs; complete/);
  assert.throws(
    () => explore({ ...scenario, invariant: (w) => assert.ok(w[0] < 3, 'three') }),
    /x: three\n[\s\S]*replay\(scenario, '0\*2.1\*2.2\*2'\)/,
  );
});

test('a thread that catches what suspends it', () => {
  const swallow = (w: Words): unknown => {
    try {
      return atomics.load(w, 0);
    } catch {
      return 'caught';
    }
  };
  assert.throws(() => explore({ name: 'swallow', setup: words, threads: [swallow] }), NotModelledError);
  const again = (w: Words): unknown => {
    for (;;)
      try {
        return atomics.load(w, 0);
      } catch {}
  };
  assert.throws(() => explore({ name: 'again', setup: words, threads: [again] }), NotModelledError);
});

test('a thread that knows more than it was told', () => {
  let runs = 0;
  const counts = (w: Words): void => {
    atomics.load(w, runs++ % 2);
    atomics.load(w, 0);
  };
  assert.throws(() => explore({ name: 'counts', setup: words, threads: [counts] }), /may depend only on what it is told/);
});

test('a list forgets between its functions', () => {
  const scenario = { name: 'list', setup: words, search: 'states' as const };
  const whole = (w: Words): void => {
    for (let i = 0; i < 4; i++) inc(w);
  };
  const parts = [inc, inc, inc, inc];
  const seen: Set<number>[] = [new Set(), new Set()];
  const [a, b] = [
    [whole, whole],
    [parts, parts],
  ].map((threads, i) => explore({ ...scenario, threads, check: (w) => void seen[i].add(w[0]) }));
  assert.deepEqual([...seen[0]].sort(), [...seen[1]].sort());
  assert.ok(b.states < a.states / 4, `${b.states} of ${a.states}`);
  assert.throws(() => explore({ ...scenario, threads: [[() => ({}), inc]] }), /plain value/);
  const outcomes: (readonly Outcome[])[] = [];
  explore({ ...scenario, threads: [[inc, () => 7]], check: (_, each) => void outcomes.push(each) });
  assert.deepEqual(outcomes, [[{ ended: 'returned', value: [undefined, 7] }]]);
});

test('sleepers that know more than it was said are found', () => {
  const sleeper = (known: boolean) => (w: Words) => {
    const seen = atomics.load(w, 0);
    while (atomics.load(w, 1) === 0) atomics.wait(w, 1, 0, 1000);
    return known ? atomics.add(w, 2, seen) : atomics.add(w, 2, 1);
  };
  const waker = (w: Words): void => {
    atomics.store(w, 0, 5);
    atomics.store(w, 1, 1);
    atomics.notify(w, 1, 1);
  };
  const scenario = (known: boolean): Scenario<Words> => ({
    name: 'forgets',
    setup: words,
    threads: [sleeper(known), waker],
    forgets: (w, memory, at) => memory.buffer === w.buffer && at === 1,
  });
  assert.ok(explore(scenario(false)).complete);
  assert.throws(() => explore(scenario(true)), /knows more in its sleep/);
});

test('what is too much is bounded, and it is said how', () => {
  const many = (w: Words): void => {
    for (let i = 0; i < 6; i++) inc(w);
  };
  const explored = explore({
    name: 'many',
    setup: words,
    threads: [many, many, many],
    maxSchedules: 1000,
    maxStates: 3000,
    preemptions: 1,
  });
  assert.equal(explored.complete, false);
  assert.equal(explored.search, 'preemptions');
  assert.equal(explored.bounds.preemptions, 1);
  assert.match(summary(explored), /INCOMPLETE: all with at most 1 preemptions/);
});

test('a schedule is refused that cannot happen, or is none', () => {
  const scenario: Scenario<Words> = { name: 'x', setup: words, threads: [inc, inc] };
  assert.equal(replay(scenario, '0.1*2.0').length, 4);
  assert.throws(() => replay(scenario, '0*3'), RangeError);
  assert.throws(() => replay(scenario, 't0'), RangeError);
  assert.throws(() => replay(scenario, '0.x'), SyntaxError);
  assert.throws(() => explore({ name: 'none', setup: words, threads: [] }), RangeError);
});

test('what threads throw, and where only threads may wait', () => {
  const scenario: Scenario<Words> = { name: 'throws', setup: words, threads: [(w) => assert.equal(atomics.load(w, 0), 1), inc] };
  assert.throws(() => explore(scenario), /thread 0 threw AssertionError/);
  assert.ok(explore({ ...scenario, mayThrow: true }).complete);
  assert.throws(() => explore({ ...scenario, check: (w) => void atomics.wait(w, 0, 9, 1) }), Violation);
});

test('the real steps are in force again, whatever happened', () => {
  const before = { ...atomics };
  assert.throws(() => explore({ name: 'x', setup: words, threads: [() => assert.fail('no')] }), Violation);
  assert.deepEqual({ ...atomics }, before);
});
