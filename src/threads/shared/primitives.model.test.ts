import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atomics } from './atomics.js';
import { BARRIER_WORDS } from './barrier-core.js';
import { CONDITION_WORDS } from './condition-core.js';
import { EVENT_WORDS } from './event-core.js';
import { LOCK_WORDS } from './lock-core.js';
import { explore, summary } from './model/explore.js';
import type { Scenario } from './model/scenario.js';
import { RW_LOCK_WORDS } from './rw-lock-core.js';
import { SEMAPHORE_WORDS } from './semaphore-core.js';
import { SharedBarrier } from './shared-barrier.js';
import { SharedCondition } from './shared-condition.js';
import { SharedEvent } from './shared-event.js';
import { SharedLock } from './shared-lock.js';
import { SharedRwLock } from './shared-rw-lock.js';
import { SharedSemaphore } from './shared-semaphore.js';

interface State {
  memory: SharedArrayBuffer;
  lock: SharedArrayBuffer;
  marks: Int32Array<SharedArrayBuffer>;
}

const blockMain = true;
const state =
  (words: number, fill: (memory: SharedArrayBuffer) => void = () => undefined) =>
  (): State => {
    const memory = new SharedArrayBuffer(words * 4);
    fill(memory);
    return { memory, lock: new SharedArrayBuffer(LOCK_WORDS * 4), marks: new Int32Array(new SharedArrayBuffer(16)) };
  };

/** Whether an operation was ended by its time limit. */
function timed(fn: () => void): boolean {
  try {
    fn();
    return false;
  } catch (error) {
    if ((error as { code?: string }).code === 'MEANTIME_TIMEOUT') return true;
    throw error;
  }
}

// --- semaphore: never more inside than permits, all permits are back at the end

/** A semaphore is made by its constructor; here its memory is, so that each thread can have a handle of its own. */
const permits = (count: number) =>
  state(SEMAPHORE_WORDS, (memory) => {
    const words = new Int32Array(memory);
    words[0] = words[1] = count;
  });

const enter =
  (most: number, n = 1, timeout?: number) =>
  ({ memory, marks }: State): string => {
    const semaphore = new SharedSemaphore(memory);
    let did = 'entered';
    const late = timed(() => {
      const guard = semaphore.acquireSync(n, { blockMain, timeout });
      assert.ok(atomics.add(marks, 0, n) + n <= most, 'more are inside than there are permits');
      atomics.add(marks, 0, -n);
      guard.release();
    });
    if (late) did = 'late';
    return did;
  };

const allBack = ({ memory }: State, outcomes: readonly { ended: string }[]): void => {
  const semaphore = new SharedSemaphore(memory);
  if (outcomes.every(({ ended }) => ended === 'returned')) {
    assert.equal(semaphore.available, semaphore.permits, 'permits are missing at the end');
    assert.equal(semaphore.waiting, 0);
  }
};

// --- rw-lock: readers see both marks alike

const write = ({ memory, marks }: State): void => {
  const guard = new SharedRwLock(memory).writeSync({ blockMain });
  if (guard.abandoned) atomics.set(marks, 1, atomics.get(marks, 0));
  atomics.set(marks, 0, atomics.get(marks, 0) + 1);
  atomics.set(marks, 1, atomics.get(marks, 1) + 1);
  guard.release();
};

const read = ({ memory, marks }: State): void => {
  const guard = new SharedRwLock(memory).readSync({ blockMain });
  if (!guard.abandoned && atomics.load(marks, 2) === 0)
    assert.equal(atomics.get(marks, 0), atomics.get(marks, 1), 'read in the midst of a write');
  else atomics.store(marks, 2, 1); // nobody has mended it since
  guard.release();
};

// --- event, barrier, condition

const waitSet = ({ memory, marks }: State): void => {
  new SharedEvent(memory).waitSync({ blockMain });
  assert.equal(atomics.load(marks, 0), 1, 'it went on before it was set');
};

const setEvent = ({ memory, marks }: State): void => {
  atomics.store(marks, 0, 1);
  new SharedEvent(memory).set();
};

/** The others must not wait for ever, though it is cleared at once. */
const pulse = ({ memory, marks }: State): void => {
  const event = new SharedEvent(memory);
  atomics.store(marks, 0, 1);
  event.set();
  event.clear();
};

const meet = ({ memory, marks }: State): number => {
  atomics.add(marks, 0, 1);
  const place = new SharedBarrier(memory).waitSync({ blockMain });
  assert.ok(atomics.load(marks, 0) >= 2, 'it went on before the other had come');
  return place;
};

const parties = (count: number) =>
  state(BARRIER_WORDS, (memory) => {
    new Int32Array(memory)[0] = count;
  });

const conditionOf = ({ memory, lock }: State) => new SharedCondition(new SharedLock(lock), memory);

const take = (from: State): void => {
  const guard = conditionOf(from).acquireSync({ blockMain });
  guard.waitForSync(() => atomics.get(from.marks, 0) > 0, { blockMain });
  atomics.set(from.marks, 0, atomics.get(from.marks, 0) - 1);
  guard.release();
};

const put = (into: State): void => {
  const guard = conditionOf(into).acquireSync({ blockMain });
  atomics.set(into.marks, 0, atomics.get(into.marks, 0) + 1);
  guard.notify();
  guard.release();
};

const putTwice = (into: State): void => {
  put(into);
  put(into);
};

const places = (_: State, outcomes: readonly { ended: string; value?: unknown }[]): void => {
  const got = outcomes.map(({ value }) => value as number).sort();
  assert.deepEqual(got, [...got.keys()], 'each place once');
};

const scenarios: Scenario<State>[] = [
  { name: 'semaphore of 1, 2 threads', setup: permits(1), threads: [enter(1), enter(1)], check: allBack },
  {
    name: 'semaphore of 2, 3 threads, of which one takes two',
    setup: permits(2),
    threads: [enter(2), enter(2), enter(2, 2)],
    check: allBack,
  },
  {
    name: 'semaphore of 1, 2 threads, a time limit',
    setup: permits(1),
    threads: [enter(1), enter(1, 1, 5)],
    timeouts: 1,
    limit: 5,
    check: allBack,
  },
  // What the dead one had taken is inside for ever by its own mark, so that is not looked at.
  { name: 'semaphore of 1, 2 threads, a death', setup: permits(1), threads: [enter(9), enter(9)], deaths: 1, check: allBack },
  { name: 'rw-lock, a writer and 2 readers', setup: state(RW_LOCK_WORDS), threads: [write, read, read] },
  { name: 'rw-lock, 2 writers and a reader', setup: state(RW_LOCK_WORDS), threads: [write, write, read] },
  { name: 'rw-lock, a writer and a reader, a death', setup: state(RW_LOCK_WORDS), threads: [write, read], deaths: 1 },
  { name: 'event, set while 2 wait', setup: state(EVENT_WORDS), threads: [setEvent, waitSet, waitSet] },
  {
    name: 'event, set while 2 wait, a waiter dies',
    setup: state(EVENT_WORDS),
    threads: [setEvent, waitSet, waitSet],
    deaths: 1,
    mortal: [1],
  },
  { name: 'barrier of 2', setup: parties(2), threads: [meet, meet], check: places },
  { name: 'barrier of 3', setup: parties(3), threads: [meet, meet, meet], check: places },
  { name: 'condition, one takes and one puts', setup: state(CONDITION_WORDS), threads: [take, put] },
  { name: 'condition, 2 take and one puts twice', setup: state(CONDITION_WORDS), threads: [take, take, putTwice] },
  {
    name: 'condition, 2 take, one dies, one puts twice',
    setup: state(CONDITION_WORDS),
    threads: [take, take, putTwice],
    deaths: 1,
    mortal: [0],
    preemptions: 1,
  },
];

for (const scenario of scenarios) {
  test(`model: ${scenario.name}`, (t) => void t.diagnostic(summary(explore({ maxSchedules: 5000, maxStates: 400_000, ...scenario }))));
}

test('model: event, set and cleared at once: who waited before goes on, who came later may wait', (t) => {
  const explored = explore({ name: 'event, a pulse', setup: state(EVENT_WORDS), threads: [pulse, waitSet], mayDeadlock: true });
  t.diagnostic(summary(explored));
  assert.ok(explored.deadlocks > 0 && explored.deadlocks < explored.schedules);
});
