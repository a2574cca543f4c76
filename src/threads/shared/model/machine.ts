import type { Behaviour } from './behaviour.js';
import type { Footprint } from './footprint.js';
import { type Memory, mix } from './memory.js';
import { Answer, isCopy, Kind, type Outcome, type Step } from './step.js';

/** Who dies in an execution, and how often the time of each may run out in the midst of the others' steps. */
export interface Plan {
  /** A bit for each thread. */
  readonly deaths: number;
  /** By thread. */
  readonly timeouts: readonly number[];
}

/** What the threads of one exploration are. */
export interface Threads {
  /** The threads, and then, if the dead are mourned, who does so for each of them. */
  readonly behaviours: readonly Behaviour[];
  /** How many of them are threads. */
  readonly count: number;
  /** Waits of at most so many ms are somebody's time limit, which runs out when nothing else can happen. */
  readonly limit: number;
}

/** Time runs out for all in a mask at once: no mover of its own. */
export const PASSING = -1;

/**
 * All threads and the memory that they share, and the events that led there, which can be taken back one by one.
 *
 * Movers are numbered: the threads (`t`), who mourns them (`n + t`), their deaths (`2n + t`) and their time-outs (`3n + t`).
 */
export class Machine {
  readonly memory: Memory;
  readonly threads: Threads;
  /** How many movers there are. */
  readonly movers: number;
  /** How many events have happened. */
  depth = 0;
  /** By depth: who moved, or PASSING, and then for whom time passed. */
  readonly who: number[] = [];
  readonly passed: number[] = [];
  readonly #n: number;
  /** How many run a function. */
  readonly #runners: number;
  /** By depth and runner: what it does next. */
  readonly #steps: Step[] = [];
  /** By depth, a row: for each runner where it sleeps (place + 1) and since which event; time-outs left; the masks below. */
  #rows: Int32Array = new Int32Array(0);
  readonly #stride: number;
  readonly #since: number;
  readonly #left: number;
  readonly #dead: number;
  readonly #doomed: number;
  readonly #tried: number;
  readonly #quiet: number;
  #plan: Plan = { deaths: 0, timeouts: [] };
  /** What an event changed: the word, or the bytes, as they were. */
  readonly #word: number[] = [];
  readonly #bytes: (Uint8Array | undefined)[] = [];
  /** What it told its runner; nothing yet if that fell asleep. */
  readonly told: (Answer | undefined)[] = [];
  readonly #woken: number[] = [];

  constructor(memory: Memory, threads: Threads) {
    this.memory = memory;
    this.threads = threads;
    this.#n = threads.count;
    this.#runners = threads.behaviours.length;
    this.movers = 4 * threads.count;
    this.#since = 2 * this.#n;
    this.#left = 4 * this.#n;
    this.#dead = 5 * this.#n;
    this.#doomed = this.#dead + 1;
    this.#tried = this.#dead + 2;
    this.#quiet = this.#dead + 3;
    this.#stride = this.#dead + 4;
  }

  /** Goes to the beginning, where nothing has happened. Everything has to have been taken back. */
  begin(plan: Plan): void {
    this.#plan = plan;
    this.depth = 0;
    this.#grow();
    this.#rows.fill(0, 0, this.#stride);
    for (let t = 0; t < this.#n; t++) this.#rows[this.#left + t] = plan.timeouts[t] ?? 0;
    this.#rows[this.#doomed] = plan.deaths;
    for (let r = 0; r < this.#runners; r++) this.#steps[r] = this.threads.behaviours[r].first();
  }

  /** What a runner does next. */
  step(runner: number, depth = this.depth): Step {
    return this.#steps[depth * this.#runners + runner];
  }

  /** Which runners the last event woke, as a mask. */
  get woken(): number {
    return this.#woken[this.depth - 1];
  }

  /** The mask of the dead. */
  get dead(): number {
    return this.#rows[this.#row + this.#dead];
  }

  /** The place on which a runner sleeps, or -1. */
  sleepsOn(runner: number): number {
    return this.#rows[this.#row + runner] - 1;
  }

  /** How it stands with a runner. */
  outcome(runner: number): Outcome | undefined {
    const { outcome } = this.step(runner);
    if (outcome !== undefined) return outcome;
    if (this.dead & (1 << runner)) return { ended: 'died' };
    return this.sleepsOn(runner) !== -1 ? { ended: 'asleep' } : undefined;
  }

  /** The mask of movers that can move. */
  enabled(): number {
    const row = this.#row;
    const n = this.#n;
    const dead = this.#rows[row + this.#dead];
    let mask = this.#rows[row + this.#doomed] << (2 * n);
    for (let r = 0; r < this.#runners; r++) {
      const isThere = r < n ? !(dead & (1 << r)) : dead & (1 << (r - n));
      if (!isThere) continue;
      if (this.#rows[row + r] === 0) {
        if (this.step(r).kind !== Kind.end) mask |= 1 << r;
      } else if (r < n && this.#rows[row + this.#left + r] > 0 && Number.isFinite(this.step(r).operands.ms)) mask |= 1 << (3 * n + r);
    }
    return mask;
  }

  /** Where nobody can move: the mask of runners whose time may run out. Who was asked in vain since anything changed is not asked again. */
  patience(): number {
    const row = this.#row;
    let hash = this.memory.hash(1);
    let mask = 0;
    for (let r = 0; r < this.#runners; r++) {
      if (this.#rows[row + r] === 0) continue;
      const { ms } = this.step(r).operands;
      hash = mix(mix(hash, this.#rows[row + r]), Math.min(ms, 0x7fffffff));
      if (Number.isFinite(ms) && (this.#rows[row + this.#dead] !== 0 || ms <= this.threads.limit)) mask |= 1 << r;
    }
    if (this.#rows[row + this.#quiet] !== hash) {
      this.#rows[row + this.#quiet] = hash;
      this.#rows[row + this.#tried] = 0;
    }
    return mask & ~this.#rows[row + this.#tried];
  }

  /** A number of 53 bits for the state: what every thread has been told, the memory, and who sleeps in what order. */
  key(more: number): number {
    const row = this.#row;
    let [high, low] = [mix(1, more), mix(2, more)];
    const take = (value: number): void => {
      high = mix(high, value);
      low = Math.imul(low ^ value, 0x01000193) + (low >>> 7);
    };
    for (let r = 0; r < this.#runners; r++) {
      take(this.step(r).number);
      take(this.#rows[row + r]);
      for (let q = 0; q < r; q++)
        if (this.#rows[row + r] !== 0 && this.#rows[row + q] !== 0)
          take(Math.sign(this.#rows[row + this.#since + r] - this.#rows[row + this.#since + q]));
    }
    for (let at = this.#left; at < this.#stride; at++) take(this.#rows[row + at]);
    for (let place = 0; place < this.memory.size; place++) take(this.memory.get(place));
    return (high >>> 0) * 2 ** 21 + (low >>> 11);
  }

  /** What a mover would touch, now. Where it sleeps and lives is touched too. */
  footprint(mover: number, into: Footprint): void {
    into.clear();
    const n = this.#n;
    const runner = mover < 2 * n ? mover : (mover - 2 * n) % n;
    this.#life(runner, into);
    if (mover >= 2 * n) {
      const place = this.sleepsOn(runner);
      if (place !== -1) into.add(queueSpot(n, place), true);
      return;
    }
    const { kind, operands } = this.step(runner);
    if (isCopy(kind)) {
      if (operands.bytes !== undefined && operands.b > 0)
        for (const place of this.memory.placesOf(operands.bytes)) into.add(wordSpot(n, place), kind === Kind.copyIn);
    } else if (kind === Kind.notify) {
      const first = operands.b > 0 ? this.#firstOn(operands.place) : -1;
      into.add(queueSpot(n, operands.place), first !== -1);
      if (first === -1) return;
      for (let r = 0; r < this.#runners; r++) if (this.sleepsOn(r) === operands.place) this.#life(r, into);
    } else {
      const before = this.memory.get(operands.place);
      into.add(wordSpot(n, operands.place), valueAfter(kind, before, operands.a, operands.b) !== before);
      // Also where it would not fall asleep: before the event that has changed the word, it would.
      if (kind === Kind.wait) into.add(queueSpot(n, operands.place), true);
    }
  }

  /** One event. */
  move(mover: number): void {
    this.#enter(mover, 0);
    const n = this.#n;
    const row = this.#row;
    if (mover >= 3 * n) {
      const t = mover - 3 * n;
      this.#rows[row + this.#left + t]--;
      this.#wake(t, Answer.timedOut);
    } else if (mover >= 2 * n) {
      const t = mover - 2 * n;
      this.#rows[row + this.#dead] |= 1 << t;
      this.#rows[row + this.#doomed] &= ~(1 << t);
      this.#rows[row + t] = 0;
    } else this.#run(mover);
  }

  /** Time passes: it runs out for all runners of a mask at once. */
  pass(mask: number): void {
    this.#enter(PASSING, mask);
    this.#rows[this.#row + this.#tried] |= mask;
    for (let r = 0; r < this.#runners; r++) if (mask & (1 << r)) this.#wake(r, Answer.timedOut);
  }

  /** Takes the last event back. */
  undo(): void {
    this.depth--;
    const mover = this.who[this.depth];
    if (mover < 0 || mover >= 2 * this.#n) return;
    const { kind, operands } = this.step(mover);
    if (kind === Kind.copyIn) operands.bytes?.set(this.#bytes[this.depth] as Uint8Array);
    else if (kind > Kind.get && kind < Kind.wait) this.memory.set(operands.place, this.#word[this.depth]);
  }

  get #row(): number {
    return this.depth * this.#stride;
  }

  #grow(): void {
    const size = (this.depth + 2) * this.#stride;
    if (this.#rows.length >= size) return;
    const rows = new Int32Array(size * 2);
    rows.set(this.#rows);
    this.#rows = rows;
  }

  #enter(mover: number, mask: number): void {
    const { depth } = this;
    this.#grow();
    this.who[depth] = mover;
    this.passed[depth] = mask;
    this.#woken[depth] = 0;
    this.#rows.copyWithin((depth + 1) * this.#stride, depth * this.#stride, (depth + 1) * this.#stride);
    const from = depth * this.#runners;
    for (let r = 0; r < this.#runners; r++) this.#steps[from + this.#runners + r] = this.#steps[from + r];
    this.depth = depth + 1;
  }

  #run(runner: number): void {
    const { kind, operands } = this.step(runner);
    const { place, a, b } = operands;
    let answer: Answer = 0;
    this.told[this.depth - 1] = undefined;
    if (kind === Kind.notify) {
      let count = 0;
      for (; count < b; count++) {
        const next = this.#firstOn(place);
        if (next === -1) break;
        this.#wake(next, Answer.ok);
      }
      answer = count;
    } else if (kind === Kind.copyIn) {
      this.#bytes[this.depth - 1] = operands.bytes?.slice();
      operands.bytes?.set(operands.data as Uint8Array);
    } else if (kind === Kind.copyOut) {
      answer = operands.bytes === undefined ? '' : String.fromCharCode(...operands.bytes);
    } else {
      const before = this.memory.get(place);
      if (kind === Kind.wait) {
        if (before === a && operands.ms === 0) answer = Answer.timedOut;
        else if (before === a) {
          this.#rows[this.#row + runner] = place + 1;
          this.#rows[this.#row + this.#since + runner] = this.depth;
          return;
        } else answer = Answer.notEqual;
      } else {
        this.#word[this.depth - 1] = before;
        const after = valueAfter(kind, before, a, b);
        if (after !== before) this.memory.set(place, after);
        // What a store gives is known without being told.
        if (kind !== Kind.store && kind !== Kind.set) answer = before;
      }
    }
    this.told[this.depth - 1] = answer;
    this.#go(runner, answer);
  }

  #wake(runner: number, answer: Answer): void {
    this.#rows[this.#row + runner] = 0;
    this.#woken[this.depth - 1] |= 1 << runner;
    this.#go(runner, answer);
  }

  #go(runner: number, answer: Answer): void {
    const at = this.depth * this.#runners + runner;
    this.#steps[at] = this.threads.behaviours[runner].after(this.#steps[at], answer);
  }

  /** Who has slept longest on a place. */
  #firstOn(place: number): number {
    const row = this.#row;
    let [first, since] = [-1, Number.POSITIVE_INFINITY];
    for (let r = 0; r < this.#runners; r++) {
      if (this.#rows[row + r] !== place + 1 || this.#rows[row + this.#since + r] >= since) continue;
      [first, since] = [r, this.#rows[row + this.#since + r]];
    }
    return first;
  }

  /** Steps of those whose death or time-out is planned have an order with it. */
  #life(runner: number, into: Footprint): void {
    if (runner >= this.#n) return;
    if (this.#plan.deaths & (1 << runner) || this.#plan.timeouts[runner] > 0) into.add(runner, true);
  }
}

const wordSpot = (threads: number, place: number): number => threads + 2 * place;
const queueSpot = (threads: number, place: number): number => threads + 2 * place + 1;

function valueAfter(kind: Kind, before: number, a: number, b: number): number {
  switch (kind) {
    case Kind.store:
    case Kind.set:
    case Kind.exchange:
      return a;
    case Kind.add:
      return (before + a) | 0;
    case Kind.or:
      return before | a;
    case Kind.and:
      return before & a;
    case Kind.compareExchange:
      return before === a ? b : before;
    default:
      return before;
  }
}
