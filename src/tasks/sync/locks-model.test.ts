import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sleep } from '../sleep.js';
import type { Awaitable } from '../wait.js';
import { Condition } from './condition.js';
import type { Guard } from './guard.js';
import { Lock } from './lock.js';
import { RwLock } from './rw-lock.js';
import { Semaphore } from './semaphore.js';
import { Ask, inVirtualTime, quiet, SEED } from './trial.js';

/*
 * Every lock against a model of itself: random commands, several of them in one turn, and after each turn everybody must be where the model says.
 */

/** What one may do with a lock; `share` is what is asked for, and means something else for each lock. */
interface Subject {
  ask(share: number): Awaitable<Guard>;
  attempt(share: number): Guard | undefined;
  resize?(permits: number): void;
  readonly waiting: number;
}

/** The rules of one lock. */
interface Rules {
  readonly shares: number;
  readonly permits: number;
  /** A share is a number of permits: no more can be asked for than there are. */
  readonly counts?: true;
  /** Whether one more may be let in. */
  admits(held: readonly number[], share: number, permits: number): boolean;
  make(permits: number): Subject;
}

type Command =
  | { kind: 'ask'; share: number; generator: boolean; patience: number | undefined }
  | { kind: 'attempt'; share: number }
  | { kind: 'release'; which: number }
  | { kind: 'cancel'; which: number }
  | { kind: 'resize'; permits: number }
  | { kind: 'turn' };

const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);
const one: Pick<Rules, 'shares' | 'permits' | 'admits'> = { shares: 1, permits: 1, admits: (held) => held.length === 0 };
const rules: Record<string, Rules> = {
  Lock: {
    ...one,
    make: () => {
      const lock = new Lock();
      return {
        ask: () => lock.acquire(),
        attempt: () => lock.tryAcquire(),
        get waiting() {
          return lock.waiting;
        },
      };
    },
  },
  'the lock that two conditions share': {
    ...one,
    shares: 2,
    make: () => {
      const lock = new Lock();
      const conditions = [new Condition(lock), new Condition(lock)];
      return {
        ask: (share) => conditions[share - 1].acquire(),
        attempt: (share) => conditions[share - 1].tryAcquire(),
        get waiting() {
          return lock.waiting;
        },
      };
    },
  },
  Semaphore: {
    shares: 4,
    permits: 5,
    counts: true,
    admits: (held, share, permits) => sum(held) + share <= permits,
    make: (permits) => {
      const semaphore = new Semaphore(permits);
      return {
        ask: (share) => semaphore.acquire(Math.min(share, semaphore.permits)),
        attempt: (share) => semaphore.tryAcquire(Math.min(share, semaphore.permits)),
        resize: (to) => semaphore.resize(to),
        get waiting() {
          return semaphore.waiting;
        },
      };
    },
  },
  RwLock: {
    shares: 2,
    permits: 1,
    // 1 reads, 2 writes
    admits: (held, share) => (share === 1 ? !held.includes(2) : held.length === 0),
    make: () => {
      const lock = new RwLock();
      return {
        ask: (share) => (share === 1 ? lock.read() : lock.write()),
        attempt: (share) => (share === 1 ? lock.tryRead() : lock.tryWrite()),
        get waiting() {
          return lock.waiting;
        },
      };
    },
  },
};

/** One who asked, as the model sees it. */
interface Place {
  readonly share: number;
  readonly ask: Ask<Guard> | undefined;
  /** Taken by trying. */
  readonly tried: Guard | undefined;
  readonly until: number;
  state: 'waiting' | 'held' | 'released' | 'AbortError';
}

class Model {
  readonly #rules: Rules;
  readonly #subject: Subject;
  readonly #places: Place[] = [];
  #permits: number;
  #cut = false;
  #time = 0;

  constructor(each: Rules) {
    this.#rules = each;
    this.#permits = each.permits;
    this.#subject = each.make(each.permits);
  }

  async run(commands: readonly Command[]): Promise<void> {
    for (const command of commands) {
      if (command.kind === 'turn') await this.#turn();
      else this.#do(command);
    }
    await this.#turn();
    // In the end all is given back, and whoever waits has it.
    for (let held = this.#known('held'); held.length > 0; held = this.#known('held')) {
      for (const place of held) this.#release(place);
      await this.#turn();
    }
    const left = this.#in('waiting');
    assert.ok(left.length === 0 || left[0].share > this.#permits, `${left.length} are left`);
    for (const place of left) place.ask?.cancel();
  }

  #do(command: Exclude<Command, { kind: 'turn' }>): void {
    if (command.kind === 'ask') {
      const share = this.#rules.counts ? Math.min(command.share, this.#permits) : command.share;
      const free = this.#isFree(share);
      const patience = command.patience === undefined ? undefined : command.patience + 0.5;
      const ask = new Ask(() => this.#subject.ask(share), command.generator, patience);
      this.#places.push({
        share,
        ask,
        tried: undefined,
        until: this.#time + (patience ?? Number.POSITIVE_INFINITY),
        state: free ? 'held' : 'waiting',
      });
    } else if (command.kind === 'attempt') {
      const share = this.#rules.counts ? Math.min(command.share, this.#permits) : command.share;
      const free = this.#isFree(share);
      const tried = this.#subject.attempt(share);
      assert.equal(tried !== undefined, free, 'tried');
      if (tried) this.#places.push({ share, ask: undefined, tried, until: Number.POSITIVE_INFINITY, state: 'held' });
    } else if (command.kind === 'release') {
      const held = this.#known('held');
      if (held.length > 0) this.#release(held[command.which % held.length]);
    } else if (command.kind === 'cancel') {
      const asked = this.#places.filter(({ ask, state }) => ask !== undefined && (state === 'waiting' || state === 'held'));
      if (asked.length === 0) return;
      const place = asked[command.which % asked.length];
      place.ask?.cancel();
      this.#cutOff(place);
    } else if (this.#subject.resize) {
      this.#subject.resize(command.permits);
      this.#permits = command.permits;
      this.#serve();
    }
  }

  /** 1 ms passes: half way through the time limits that end in it ring. */
  async #turn(): Promise<void> {
    await quiet();
    if (this.#cut) this.#serve();
    this.#compare();
    const before = this.#time++;
    await sleep(1 - 1e-3);
    for (const place of this.#places) if (place.until > before && place.until < this.#time) this.#cutOff(place);
    if (this.#cut) this.#serve();
    this.#compare();
  }

  #compare(): void {
    for (const [i, { ask, state }] of this.#places.entries()) {
      if (ask === undefined) continue;
      const { outcome } = ask;
      const is = outcome === undefined ? 'waiting' : typeof outcome === 'string' ? outcome : 'held';
      assert.equal(is, state === 'released' ? 'held' : state, `number ${i}`);
    }
    assert.equal(this.#subject.waiting, this.#in('waiting').length);
  }

  #release(place: Place): void {
    (place.tried ?? place.ask?.value)?.release();
    place.state = 'released';
    this.#serve();
  }

  #cutOff(place: Place): void {
    if (place.state !== 'waiting') return;
    place.state = 'AbortError';
    this.#cut = true;
  }

  #serve(): void {
    this.#cut = false;
    for (const place of this.#in('waiting')) {
      if (!this.#admits(place.share)) return;
      place.state = 'held';
    }
  }

  #isFree(share: number): boolean {
    return this.#in('waiting').length === 0 && this.#admits(share);
  }

  #admits(share: number): boolean {
    return this.#rules.admits(
      this.#in('held').map((place) => place.share),
      share,
      this.#permits,
    );
  }

  #in(state: Place['state']): Place[] {
    return this.#places.filter((place) => place.state === state);
  }

  /** Those whose guard is in the hands of whoever asked: it has gone on by now. */
  #known(state: Place['state']): Place[] {
    return this.#in(state).filter(({ tried, ask }) => tried !== undefined || ask?.value !== undefined);
  }
}

function commandsFor({ shares }: Rules): fc.Arbitrary<Command[]> {
  const share = fc.integer({ min: 1, max: shares });
  const which = fc.nat({ max: 20 });
  const patience = fc.option(fc.nat({ max: 4 }), { nil: undefined, freq: 2 });
  return fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('ask' as const), share, generator: fc.boolean(), patience }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('attempt' as const), share }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('release' as const), which }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('resize' as const), permits: fc.integer({ min: 1, max: 6 }) }) },
      { weight: 4, arbitrary: fc.constant({ kind: 'turn' as const }) },
    ),
    { maxLength: 60, size: 'max' },
  );
}

for (const [name, each] of Object.entries(rules)) {
  test(`${name} does what its model does: nobody forgotten, nobody passed over, never too many`, async (t) => {
    t.diagnostic(`SEED=${SEED}`);
    await fc.assert(
      fc.asyncProperty(commandsFor(each), (commands) => inVirtualTime(() => new Model(each).run(commands))),
      { seed: SEED, numRuns: 150 },
    );
  });
}
