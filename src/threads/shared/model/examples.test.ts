import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { atomics, type Words } from '../atomics.js';
import { explore, replay, summary } from './explore.js';
import type { Scenario } from './scenario.js';
import { Violation } from './violation.js';

/*
 * The tool on algorithms of which it is known whether they are right.
 */

const FOREVER = Number.POSITIVE_INFINITY;
const words = (n: number): Words => new Int32Array(new SharedArrayBuffer(4 * n));

/** Word 0 belongs to the lock; word 1 is what it guards: an increment in two steps, which others would spoil. */
interface Locked {
  acquire(w: Words): boolean | undefined;
  release(w: Words): void;
}

function rounds(lock: Locked, times: number): (w: Words) => number {
  return (w) => {
    let done = 0;
    for (let i = 0; i < times; i++) {
      if (lock.acquire(w) === false) continue;
      atomics.store(w, 1, atomics.load(w, 1) + 1);
      lock.release(w);
      done++;
    }
    return done;
  };
}

function locking(name: string, lock: Locked, times: readonly number[]): Scenario<Words> {
  return {
    name,
    setup: () => words(8),
    threads: times.map((each) => rounds(lock, each)),
    names: (w) => ({ lock: [w, 0], guarded: [w, 1] }),
    check: (w, outcomes) => {
      const done = outcomes.reduce((sum, each) => sum + (each.ended === 'returned' ? (each.value as number) : 0), 0);
      assert.equal(w[1], done, 'updates were lost');
    },
  };
}

function holds<S>(t: TestContext, scenario: Scenario<S>): void {
  const explored = explore(scenario);
  t.diagnostic(summary(explored));
  assert.ok(explored.complete);
  assert.ok(explore({ ...scenario, search: 'states' }).complete);
}

/** It is found, and found again by its schedule alone. */
function breaks<S>(t: TestContext, scenario: Scenario<S>, what: RegExp): void {
  const error = caught(() => explore(scenario));
  assert.match(error.message.split('\n')[0], what);
  assert.equal(caught(() => replay(scenario, error.schedule)).message, error.message);
  t.diagnostic(error.message);
}

function caught(fn: () => unknown): Violation {
  try {
    fn();
  } catch (error) {
    if (error instanceof Violation) return error;
    throw error;
  }
  return assert.fail('nothing was found');
}

const SPINS = 3;

/** For two, by loads and stores alone. */
const peterson = (me: number): Locked => ({
  acquire: (w) => {
    atomics.store(w, 2 + me, 1);
    atomics.store(w, 4, 1 - me);
    for (let i = 0; i < SPINS; i++) if (atomics.load(w, 3 - me) === 0 || atomics.load(w, 4) === me) return true;
    atomics.store(w, 2 + me, 0);
    return false;
  },
  release: (w) => void atomics.store(w, 2 + me, 0),
});

const dekker = (me: number): Locked => ({
  acquire: (w) => {
    atomics.store(w, 2 + me, 1);
    for (let i = 0; i < SPINS; i++) {
      if (atomics.load(w, 3 - me) === 0) return true;
      if (atomics.load(w, 4) === me) continue;
      atomics.store(w, 2 + me, 0);
      if (atomics.load(w, 4) !== me) return false;
      atomics.store(w, 2 + me, 1);
    }
    atomics.store(w, 2 + me, 0);
    return false;
  },
  release: (w) => {
    atomics.store(w, 4, 1 - me);
    atomics.store(w, 2 + me, 0);
  },
});

for (const [name, lock] of [
  ['Peterson', peterson],
  ['Dekker', dekker],
] as const)
  test(`${name}'s lock excludes`, (t) => {
    holds(t, { ...locking(name, lock(0), []), threads: [rounds(lock(0), 2), rounds(lock(1), 2)] });
  });

test("Peterson's lock that is polite too early does not exclude", (t) => {
  const early = (me: number): Locked => ({
    ...peterson(me),
    acquire: (w) => {
      atomics.store(w, 4, 1 - me);
      atomics.store(w, 2 + me, 1);
      return atomics.load(w, 3 - me) === 0 || atomics.load(w, 4) === me;
    },
  });
  breaks(t, { ...locking('early', early(0), []), threads: [rounds(early(0), 1), rounds(early(1), 1)] }, /updates were lost/);
});

const ticketLock: Locked = {
  acquire: (w) => {
    const ticket = atomics.add(w, 2, 1);
    for (;;) {
      const serving = atomics.load(w, 0);
      if (serving === ticket) return true;
      atomics.wait(w, 0, serving, FOREVER);
    }
  },
  release: (w) => {
    atomics.add(w, 0, 1);
    atomics.notify(w, 0, FOREVER);
  },
};

test('a ticket lock', (t) => {
  holds(t, locking('ticket lock, 2 threads', ticketLock, [3, 3]));
  holds(t, locking('ticket lock, 3 threads', ticketLock, [1, 1, 1]));
});

/*
 * Three mutexes on one word after Ulrich Drepper, "Futexes Are Tricky": the first is his example of one that is wrong.
 */

const first: Locked = {
  acquire: (w) => {
    for (let seen = atomics.add(w, 0, 1); seen !== 0; seen = atomics.add(w, 0, 1)) atomics.wait(w, 0, seen + 1, FOREVER);
    return true;
  },
  release: (w) => {
    atomics.store(w, 0, 0);
    atomics.notify(w, 0, 1);
  },
};

/** 0: free, 1: held, 2: held, and somebody may sleep. */
const second: Locked = {
  acquire: (w) => {
    let seen = atomics.compareExchange(w, 0, 0, 1);
    while (seen !== 0) {
      if (seen === 2 || atomics.compareExchange(w, 0, 1, 2) !== 0) atomics.wait(w, 0, 2, FOREVER);
      seen = atomics.compareExchange(w, 0, 0, 2);
    }
    return true;
  },
  release: (w) => {
    if (atomics.add(w, 0, -1) === 1) return;
    atomics.store(w, 0, 0);
    atomics.notify(w, 0, 1);
  },
};

const third: Locked = {
  acquire: (w) => {
    let seen = atomics.compareExchange(w, 0, 0, 1);
    if (seen === 0) return true;
    if (seen !== 2) seen = atomics.exchange(w, 0, 2);
    while (seen !== 0) {
      atomics.wait(w, 0, 2, FOREVER);
      seen = atomics.exchange(w, 0, 2);
    }
    return true;
  },
  release: second.release,
};

test("the first of Drepper's mutexes: two that ask in turn keep each other awake for ever", (t) => {
  breaks(t, { ...locking('first', first, [1, 1, 1]), maxSteps: 60 }, /does not end/);
});

for (const [name, lock] of [
  ['second', second],
  ['third', third],
] as const)
  test(`the ${name} of Drepper's mutexes`, (t) => {
    holds(t, locking(`${name}, 2 threads`, lock, [2, 2]));
    holds(t, locking(`${name}, 3 threads`, lock, [1, 1, 1]));
  });

/*
 * Broken on purpose.
 */

test('a lock that looks and then takes', (t) => {
  const lock: Locked = {
    acquire: (w) => {
      if (atomics.load(w, 0) !== 0) return false;
      atomics.store(w, 0, 1);
      return true;
    },
    release: (w) => void atomics.store(w, 0, 0),
  };
  breaks(t, locking('look and take', lock, [1, 1]), /updates were lost/);
});

test('a wake-up between looking and sleeping is lost', (t) => {
  const lock: Locked = {
    acquire: (w) => {
      while (atomics.compareExchange(w, 0, 0, 1) !== 0) {
        const bell = atomics.load(w, 2);
        atomics.wait(w, 2, bell, FOREVER);
      }
      return true;
    },
    release: (w) => {
      atomics.store(w, 0, 0);
      atomics.add(w, 2, 1);
      atomics.notify(w, 2, 1);
    },
  };
  breaks(t, locking('lost wake-up', lock, [1, 1]), /deadlock/);
});

test('slices of a second do not hide a lost wake-up', (t) => {
  const lock: Locked = {
    acquire: (w) => {
      while (atomics.compareExchange(w, 0, 0, 1) !== 0) atomics.wait(w, 2, 0, 1000);
      return true;
    },
    release: (w) => {
      atomics.store(w, 0, 0);
      atomics.notify(w, 2, 1);
    },
  };
  breaks(t, locking('slices', lock, [1, 1]), /deadlock/);
});

test('who notifies before the word has changed wakes nobody', (t) => {
  const lock: Locked = {
    ...third,
    release: (w) => {
      if (atomics.load(w, 0) === 2) atomics.notify(w, 0, 1);
      atomics.store(w, 0, 0);
    },
  };
  breaks(t, locking('notify first', lock, [1, 1]), /deadlock/);
});

test('a release that loses the mark of those who sleep', (t) => {
  const lock: Locked = {
    ...second,
    release: (w) => {
      if (atomics.compareExchange(w, 0, 1, 0) === 1) return;
      atomics.store(w, 0, 0);
    },
  };
  breaks(t, locking('lost mark', lock, [1, 1]), /deadlock/);
});

test('a woken one that forgets that others sleep', (t) => {
  const lock: Locked = {
    ...second,
    acquire: (w) => {
      while (atomics.compareExchange(w, 0, 0, 1) !== 0) {
        if (atomics.compareExchange(w, 0, 1, 2) !== 0) atomics.wait(w, 0, 2, FOREVER);
      }
      return true;
    },
  };
  holds(t, locking('forgets, 2 threads', lock, [2, 2]));
  breaks(t, locking('forgets, 3 threads', lock, [1, 1, 1]), /deadlock/);
});

test('first come, first served', (t) => {
  const inTurn = (lock: Locked) => (w: Words) => {
    const came = atomics.load(w, 2);
    lock.acquire(w);
    const entered = atomics.add(w, 3, 1);
    lock.release(w);
    return [came, entered];
  };
  const scenario = (lock: Locked): Scenario<Words> => ({
    ...locking('in turn', lock, []),
    threads: [inTurn(lock), inTurn(lock), inTurn(lock)],
    check: (_, outcomes) => {
      // Who has seen `came` others come enters after them.
      for (const each of outcomes) {
        const [came, entered] = (each as { value: [number, number] }).value;
        assert.ok(entered >= came, 'somebody has overtaken');
      }
    },
  });
  holds(t, scenario(ticketLock));
  const barging: Locked = {
    acquire: (w) => {
      atomics.add(w, 2, 1);
      return third.acquire(w);
    },
    release: third.release,
  };
  breaks(t, scenario(barging), /overtaken/);
});

/*
 * Deaths and time-outs.
 */

/** The holder's number is in word 0, and a word for each thread, from 4 on, says that it is dead. */
const robust = (looks: boolean): Locked => ({
  acquire: (w) => {
    const me = atomics.self();
    for (;;) {
      const holder = atomics.compareExchange(w, 0, 0, me);
      if (holder === 0) return true;
      if (looks && atomics.load(w, 4 + holder) === 1 && atomics.compareExchange(w, 0, holder, me) === holder) return true;
      atomics.wait(w, 0, holder, 1000);
    }
  },
  release: (w) => {
    atomics.store(w, 0, 0);
    atomics.notify(w, 0, 1);
  },
});

const mortal = (name: string, lock: Locked, threads: number, deaths: number): Scenario<Words> => ({
  ...locking(name, lock, new Array<number>(threads).fill(1)),
  deaths,
  // The last step of a dead one may have been done or not.
  check: (w, outcomes) => assert.ok(w[1] >= outcomes.filter((each) => each.ended === 'returned').length, 'updates were lost'),
  onDeath: (w, thread) => void atomics.store(w, 4 + thread, 1),
});

test('who looks for the dead takes their lock', (t) => {
  holds(t, mortal('robust, 2 threads', robust(true), 2, 1));
  holds(t, mortal('robust, 3 threads', robust(true), 3, 1));
});

test('who does not look for the dead waits for them', (t) => {
  breaks(t, mortal('blind', robust(false), 2, 1), /deadlock/);
});

test('a death between the notification and what it is for leaves the others asleep, unless they look', (t) => {
  const sleeping: Locked = { ...second, acquire: (w) => second.acquire(w) };
  breaks(t, mortal('handed to a dead one', sleeping, 3, 1), /deadlock/);
});

/** The lock is handed to the one who waits: word 0 is who has it, word 2 who waits for it. */
const handing = (looks: boolean): Locked => ({
  acquire: (w) => {
    const me = atomics.self();
    if (atomics.compareExchange(w, 0, 0, me) === 0) return true;
    atomics.store(w, 2, me);
    for (let holder = atomics.load(w, 0); holder !== me; holder = atomics.load(w, 0)) {
      if (holder === 0 && atomics.compareExchange(w, 0, 0, me) === 0) break;
      if (atomics.wait(w, 0, holder, 5) !== 'timed-out') continue;
      if (atomics.compareExchange(w, 2, me, 0) === me) return false;
      if (!looks) return false;
    }
    atomics.compareExchange(w, 2, me, 0);
    return true;
  },
  release: (w) => {
    const next = atomics.exchange(w, 2, 0);
    atomics.store(w, 0, next);
    atomics.notify(w, 0, 1);
  },
});

test('a time-out and a hand-over at once', (t) => {
  const scenario = (looks: boolean): Scenario<Words> => ({
    ...locking('handing', handing(looks), [1, 1]),
    timeouts: 2,
    check: (w) => assert.equal(w[0], 0, 'the lock is held by nobody'),
  });
  holds(t, scenario(true));
  breaks(t, scenario(false), /held by nobody/);
});

/*
 * Bytes, which are copied and not atomic.
 */

interface Cell {
  words: Words;
  bytes: Uint8Array<SharedArrayBuffer>;
}

function passing(name: string, put: (cell: Cell) => void): Scenario<Cell> {
  return {
    name,
    setup: () => ({ words: words(1), bytes: new Uint8Array(new SharedArrayBuffer(8)) }),
    threads: [
      put,
      ({ words: w, bytes }) => {
        while (atomics.load(w, 0) === 0) atomics.wait(w, 0, 0, 1000);
        const data = new Uint8Array(5);
        atomics.copyOut(bytes, 1, data);
        assert.equal(Buffer.from(data).toString(), 'hello');
      },
    ],
  };
}

test('bytes that are copied before they are published arrive whole', (t) => {
  holds(
    t,
    passing('publish last', ({ words: w, bytes }) => {
      atomics.copyIn(bytes, 1, Buffer.from('hello'));
      atomics.store(w, 0, 1);
      atomics.notify(w, 0, 1);
    }),
  );
});

test('bytes that are published before they are copied are a race', (t) => {
  breaks(
    t,
    passing('publish first', ({ words: w, bytes }) => {
      atomics.store(w, 0, 1);
      atomics.notify(w, 0, 1);
      atomics.copyIn(bytes, 1, Buffer.from('hello'));
    }),
    /a race/,
  );
});

test('a queue whose producer dies between its place and its item', (t) => {
  const put = (w: Words): void => {
    const at = atomics.add(w, 0, 1);
    atomics.store(w, 2 + at, 7);
    atomics.add(w, 1, 1);
    atomics.notify(w, 1, 1);
  };
  const take = (w: Words): void => {
    for (let seen = atomics.load(w, 1); seen < 1; seen = atomics.load(w, 1)) atomics.wait(w, 1, seen, 1000);
    assert.equal(atomics.load(w, 2), 7, 'no item in the first place');
  };
  const scenario: Scenario<Words> = { name: 'queue', setup: () => words(8), threads: [put, put, take] };
  breaks(t, { ...scenario, deaths: 1, mortal: [0], onDeath: () => undefined }, /no item/);
});
