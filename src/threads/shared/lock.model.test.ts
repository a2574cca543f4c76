import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atomics } from './atomics.js';
import { LOCK_WORDS, LockCore } from './lock-core.js';
import { LockWaiting } from './lock-waiting.js';
import { explore, summary } from './model/explore.js';
import type { Scenario } from './model/scenario.js';
import { SharedLock } from './shared-lock.js';
import { SLOTS_WORDS } from './slots.js';
import { block } from './waiting.js';

interface State {
  memory: SharedArrayBuffer;
  /** How many are inside, how often somebody was, and how often a lock was abandoned. */
  marks: Int32Array<SharedArrayBuffer>;
}

const setup = (): State => ({ memory: new SharedArrayBuffer(LOCK_WORDS * 4), marks: new Int32Array(new SharedArrayBuffer(16)) });

/** As a user has it, or one whose waiters have no patience at all, so that it is handed over at once. */
const taker = (memory: SharedArrayBuffer, patience: number | undefined, timeout: number | undefined) => {
  const lock = new SharedLock(memory);
  if (patience === undefined) return () => lock.acquireSync({ blockMain: true, timeout });
  const core = new LockCore(new Int32Array(memory), 0, patience);
  return () => block(new LockWaiting('it', core, (abandoned) => ({ abandoned, release: () => core.release() })), timeout);
};

/** Goes in and out, and leaves marks that show if somebody else was in. */
const visit =
  (times = 1, timeout?: number, patience?: number) =>
  ({ memory, marks }: State): string => {
    const take = taker(memory, patience, timeout);
    let did = '';
    for (let i = 0; i < times; i++) {
      try {
        const guard = take();
        if (guard.abandoned) atomics.store(marks, 0, 0); // what the dead one had half done
        const inside = atomics.add(marks, 0, 1);
        assert.equal(inside, 0, 'two are inside');
        atomics.set(marks, 1, atomics.get(marks, 1) + 1);
        atomics.add(marks, 0, -1);
        guard.release();
        did += guard.abandoned ? 'a' : 'v';
      } catch (error) {
        if ((error as { code?: string }).code !== 'MEANTIME_TIMEOUT') throw error;
        did += 't';
      }
    }
    return did;
  };

const free = ({ memory }: State): void => {
  const lock = new SharedLock(memory);
  assert.equal(lock.locked, false, 'it is held at the end');
  assert.equal(lock.waiting, 0, 'somebody is left in the line');
};

const scenarios: Scenario<State>[] = [
  { name: 'lock, 2 threads', setup, threads: [visit(), visit()] },
  {
    name: 'lock, 2 threads twice',
    setup,
    threads: [
      [visit(), visit()],
      [visit(), visit()],
    ],
  },
  { name: 'lock, 3 threads', setup, threads: [visit(), visit(), visit()] },
  { name: 'lock, 2 threads, a time limit', setup, threads: [visit(), visit(1, 5)], timeouts: 1, limit: 5 },
  { name: 'lock, 3 threads, a time limit', setup, threads: [visit(), visit(1, 5), visit()], timeouts: 1, limit: 5 },
  { name: 'lock, 2 threads, a death', setup, threads: [visit(), visit()], deaths: 1 },
  {
    name: 'lock handed over, 2 threads, of which one twice',
    setup,
    threads: [[visit(1, undefined, -1), visit(1, undefined, -1), visit(1, undefined, -1)], visit(1, undefined, -1)],
  },
  {
    name: 'lock handed over, 2 threads, a death',
    setup,
    threads: [[visit(1, undefined, -1), visit(1, undefined, -1)], visit(1, undefined, -1)],
    deaths: 1,
  },
  {
    name: 'lock handed over, 2 threads, a time limit',
    setup,
    threads: [[visit(1, undefined, -1), visit(1, undefined, -1)], visit(1, 5, -1)],
    timeouts: 1,
    limit: 5,
  },
  { name: 'lock, 3 threads, a death', setup, threads: [visit(), visit(), visit()], deaths: 1 },
];

for (const scenario of scenarios) {
  test(`model: ${scenario.name}`, (t) => {
    const explored = explore({
      maxSchedules: 5000,
      maxStates: 1_500_000,
      // In the line it knows no more than its place there.
      forgets: (_state, _words, at) => at >= LOCK_WORDS - SLOTS_WORDS,
      ...scenario,
      check: (state, outcomes) => {
        const deaths = outcomes.filter(({ ended }) => ended === 'died').length;
        if (deaths === 0) free(state);
        const visits = outcomes.map((outcome) => (outcome.ended === 'returned' ? String(outcome.value).replace(/[^av]/g, '').length : 0));
        const sum = visits.reduce((a, b) => a + b, 0);
        const seen = state.marks[1];
        assert.ok(seen >= sum && seen <= sum + 2 * deaths, `${sum} visits were told, ${seen} counted`);
      },
    });
    t.diagnostic(summary(explored));
  });
}
