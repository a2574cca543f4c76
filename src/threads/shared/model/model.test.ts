import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { atomics, type Bytes, type Words } from '../atomics.js';
import { Run } from './run.js';
import type { Explored, Scenario } from './scenario.js';
import type { Outcome } from './step.js';

/*
 * The checker checked: on small random programs its reduction must end in the same states as plain enumeration of every order of steps.
 */

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = Number(process.env.RUNS ?? 300);

interface Memory {
  words: Words;
  bytes: Bytes;
}

/** One step of a random program. What a thread was told decides whether it does the next: so its steps depend on the others'. */
interface Op {
  kind: 'load' | 'store' | 'add' | 'cas' | 'exchange' | 'wait' | 'notify' | 'in' | 'out';
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

function ends(scenario: Scenario<Memory>, reduced: boolean): { seen: Set<string>; explored: Explored } {
  const seen = new Set<string>();
  const check = ({ words, bytes }: Memory, outcomes: readonly Outcome[]): void => {
    seen.add(
      `${words.join()} ${bytes.join()} ${outcomes.map((each) => (each.ended === 'returned' ? each.value : each.ended)).join(' | ')}`,
    );
  };
  const explored = new Run({ ...scenario, check, mayDeadlock: true, mayRace: true }).explore(reduced);
  return { seen, explored };
}

/** Whether the reduction, and plain enumeration, come to the same ends. */
function compare(
  name: string,
  waits: boolean,
  rest: fc.Arbitrary<Pick<Scenario<Memory>, 'deaths' | 'timeouts' | 'limit'>>,
  sizes: readonly number[],
): void {
  let [reduced, plain, states] = [0, 0, 0];
  const programs = fc.tuple(...sizes.map((maxLength) => fc.array(op(waits), { minLength: 1, maxLength })));
  fc.assert(
    fc.property(programs, rest, (threads, options) => {
      const scenario: Scenario<Memory> = {
        name,
        setup: () => ({ words: new Int32Array(new SharedArrayBuffer(12)), bytes: new Uint8Array(new SharedArrayBuffer(6)) }),
        threads: threads.map(program),
        onDeath: ({ words }, thread) => {
          atomics.add(words, 2, thread);
          atomics.notify(words, 0, 1);
        },
        ...options,
      };
      const a = ends(scenario, true);
      const b = ends(scenario, false);
      reduced += a.explored.schedules;
      plain += b.explored.schedules;
      states += b.seen.size;
      if (!b.explored.complete) return;
      assert.deepEqual([...a.seen].sort(), [...b.seen].sort());
      assert.ok(a.explored.schedules <= b.explored.schedules);
    }),
    { seed: SEED, numRuns: RUNS },
  );
  console.log(`${name}: ${reduced} schedules for ${plain}, ${states} ends; SEED=${SEED}`);
}

test('two threads, no waits', () => compare('two', false, fc.constant({}), [5, 5]));
test('three threads, no waits', () => compare('three', false, fc.constant({}), [3, 3, 2]));
test('two threads that wait', () => compare('two waits', true, fc.constant({}), [5, 5]));
test('three threads that wait', () => compare('three wait', true, fc.constant({}), [3, 3, 3]));
test('time-outs', () => compare('timeouts', true, fc.record({ timeouts: fc.nat(2), limit: fc.constantFrom(0, 10) }), [3, 3, 2]));
test('deaths', () => compare('deaths', true, fc.record({ deaths: fc.nat(1), timeouts: fc.nat(1), limit: fc.constantFrom(0, 10) }), [3, 3]));
test('deaths of three', () => compare('deaths3', true, fc.record({ deaths: fc.nat(2), limit: fc.constantFrom(0, 10) }), [2, 2, 2]));
