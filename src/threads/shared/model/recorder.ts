import type { AtomicSteps, Bytes, Woken, Words } from '../atomics.js';
import type { Memory } from './memory.js';
import { Answer, Kind, nothing, type Operands, type Phase, Step } from './step.js';

/** Thrown through a function where nothing is known of what follows. It has no stack: it is thrown very often. */
const suspended: unique symbol = Symbol('suspended');

/** How often a function may go on asking after it was suspended: it unwinds through `finally`, but must not go round in a loop. */
const UNWINDING = 1000;

/** A thread's function does what the model cannot run: it catches what it must not, or does not the same when told the same. */
export class NotModelledError extends Error {
  override readonly name = 'NotModelledError';
}

const woken: readonly Woken[] = ['ok', 'not-equal', 'timed-out'];

/**
 * The steps in force while something is explored. While a thread's function runs, they answer from what is known and suspend it where that ends; while nothing runs
 * (`setup`, `check`), they are the real ones.
 */
export class Recorder implements AtomicSteps {
  readonly #real: AtomicSteps;
  readonly #memory: Memory;
  readonly #outside: number;
  /** By number: whether a thread is known to be dead. */
  readonly #life: Words = new Int32Array(new SharedArrayBuffer(64));
  #running = false;
  #self: number;
  #now = 0;
  /** The steps that are known, with what follows each, and how far the function has come. */
  #path: readonly Step[] = [];
  #answers: readonly Answer[] = [];
  #at = 0;
  #phase: Phase | undefined = undefined;
  #answer: Answer = 0;
  #found: Step | undefined = undefined;
  #asked = 0;
  #count = 0;
  /** What the model must say even if the function catches it. */
  #fault: NotModelledError | undefined = undefined;

  /** `outside` is the number of the thread that sets up, checks and buries. */
  constructor(real: AtomicSteps, memory: Memory, outside: number) {
    this.#real = { ...real };
    this.#memory = memory;
    this.#outside = outside;
    this.#self = outside;
    // The seam copies fields and calls them without `this`.
    for (const name of Object.keys(real) as (keyof AtomicSteps)[]) {
      const method = this[name] as (...args: unknown[]) => unknown;
      Object.defineProperty(this, name, { value: method.bind(this), enumerable: true, writable: true });
    }
  }

  /** How many steps were found. */
  get count(): number {
    return this.#count;
  }

  /** How much time had passed for the function that was run last, in ms. */
  get passed(): number {
    return this.#now;
  }

  /** Runs a function through the steps up to `last`, whose answer is `answer`, and gives what it does then. */
  find(phase: Phase, last: Step | undefined, answer: Answer): Step {
    const { path, answers } = pathTo(last);
    if (last !== undefined) answers.push(answer);
    return this.#run(phase, path, answers, last, answer);
  }

  /** Runs a function through given steps. @throws NotModelledError if it does others. */
  check(path: readonly Step[], answers: readonly Answer[]): void {
    const last = path.at(-1) as Step;
    this.#run(path[0].phase, path, answers, last, answers.at(-1) as Answer);
  }

  #run(phase: Phase, path: readonly Step[], answers: readonly Answer[], last: Step | undefined, answer: Answer): Step {
    const { fn, self } = phase;
    this.#phase = phase;
    this.#path = path;
    this.#answers = answers;
    this.#at = 0;
    this.#answer = answer;
    this.#found = undefined;
    this.#asked = 0;
    this.#self = self;
    this.#now = 0;
    this.#running = true;
    let outcome: Step['outcome'];
    try {
      outcome = { ended: 'returned', value: fn() };
    } catch (error) {
      outcome = { ended: 'threw', error };
    } finally {
      this.#running = false;
      this.#self = this.#outside;
    }
    if (this.#fault !== undefined) throw this.#fault;
    const found = this.#found as Step | undefined;
    if (found !== undefined) {
      if (outcome.ended === 'returned')
        throw new NotModelledError(
          `thread ${self} caught what suspends it: catch only the errors that are meant, and throw the others again`,
        );
      return found;
    }
    if (this.#at !== this.#path.length) throw this.#another('ended');
    return new Step(this.#count++, phase, Kind.end, nothing, last, answer, outcome);
  }

  get(words: Words, at: number): number {
    return this.#running ? this.#word(Kind.get, words, at, 0, 0) : this.#real.get(words, at);
  }

  set(words: Words, at: number, value: number): void {
    if (this.#running) this.#word(Kind.set, words, at, value, 0);
    else this.#real.set(words, at, value);
  }

  load(words: Words, at: number): number {
    return this.#running ? this.#word(Kind.load, words, at, 0, 0) : this.#real.load(words, at);
  }

  store(words: Words, at: number, value: number): number {
    if (!this.#running) return this.#real.store(words, at, value);
    this.#word(Kind.store, words, at, value, 0);
    return value;
  }

  add(words: Words, at: number, value: number): number {
    return this.#running ? this.#word(Kind.add, words, at, value, 0) : this.#real.add(words, at, value);
  }

  or(words: Words, at: number, value: number): number {
    return this.#running ? this.#word(Kind.or, words, at, value, 0) : this.#real.or(words, at, value);
  }

  and(words: Words, at: number, value: number): number {
    return this.#running ? this.#word(Kind.and, words, at, value, 0) : this.#real.and(words, at, value);
  }

  exchange(words: Words, at: number, value: number): number {
    return this.#running ? this.#word(Kind.exchange, words, at, value, 0) : this.#real.exchange(words, at, value);
  }

  compareExchange(words: Words, at: number, expected: number, value: number): number {
    if (!this.#running) return this.#real.compareExchange(words, at, expected, value);
    return this.#word(Kind.compareExchange, words, at, expected, value);
  }

  wait(words: Words, at: number, expected: number, ms: number): Woken {
    if (!this.#running) throw new NotModelledError('only a thread can wait: what sets up or checks must not');
    const limit = Number.isNaN(ms) ? Number.POSITIVE_INFINITY : Math.max(ms, 0);
    const operands = { ...nothing, place: this.#memory.place(words, at), a: expected | 0, ms: limit };
    const answer = this.#ask(Kind.wait, operands) as number;
    if (answer === Answer.timedOut) this.#now += limit;
    return woken[answer];
  }

  notify(words: Words, at: number, count: number): number {
    return this.#running ? this.#word(Kind.notify, words, at, 0, Math.min(count, 0x7fffffff)) : this.#real.notify(words, at, count);
  }

  copyIn(bytes: Bytes, at: number, data: Uint8Array): void {
    if (!this.#running) return this.#real.copyIn(bytes, at, data);
    this.#ask(Kind.copyIn, { ...nothing, ...this.#memory.range(bytes, at, data.length), b: data.length, data: Uint8Array.from(data) });
  }

  copyOut(bytes: Bytes, at: number, data: Uint8Array): void {
    if (!this.#running) return this.#real.copyOut(bytes, at, data);
    const copied = this.#ask(Kind.copyOut, { ...nothing, ...this.#memory.range(bytes, at, data.length), b: data.length });
    for (let i = 0; i < data.length; i++) data[i] = (copied as string).charCodeAt(i);
  }

  self(): number {
    return this.#self;
  }

  isDead(thread: number): boolean {
    return this.load(this.#life, thread) !== 0;
  }

  /** What others do about a death, unless a scenario says it. */
  bury(thread: number): void {
    this.store(this.#life, thread, 1);
  }

  now(): number {
    return this.#running ? this.#now : this.#real.now();
  }

  #word(kind: Kind, words: Words, at: number, a: number, b: number): number {
    const place = this.#memory.place(words, at);
    return this.#ask(kind, { place, a: a | 0, b: b | 0, ms: 0, data: undefined, bytes: undefined }) as number;
  }

  #ask(kind: Kind, operands: Operands): Answer {
    if (this.#found === undefined && this.#at < this.#path.length) {
      const step = this.#path[this.#at++];
      if (!isSame(step, kind, operands)) throw this.#refuse(this.#another(`did step ${kind}`));
      return this.#answers[this.#at - 1];
    }
    if (++this.#asked > UNWINDING) {
      // A throw would be caught too: an answer, even a wrong one, may end the loop.
      this.#refuse(
        new NotModelledError(`thread ${this.#self} catches what suspends it, and tries again: catch only the errors that are meant`),
      );
      return 0;
    }
    this.#found ??= new Step(this.#count++, this.#phase as Phase, kind, operands, this.#path.at(-1), this.#answer);
    throw suspended;
  }

  #refuse(fault: NotModelledError): NotModelledError {
    this.#fault ??= fault;
    return fault;
  }

  #another(did: string): NotModelledError {
    const why = 'what it does may depend only on what it is told by the steps; make handles inside the thread, and shared memory in setup';
    return new NotModelledError(`thread ${this.#self} ${did} at step ${this.#at} where it did something else before: ${why}`);
  }
}

/** The steps up to one, and what each but the last was told. */
export function pathTo(last: Step | undefined): { path: Step[]; answers: Answer[] } {
  const path: Step[] = [];
  for (let step = last; step !== undefined; step = step.parent) path.push(step);
  path.reverse();
  return { path, answers: path.slice(1).map((step) => step.answer) };
}

function isSame(step: Step, kind: Kind, operands: Operands): boolean {
  const { place, a, b, ms, data } = step.operands;
  if (step.kind !== kind || place !== operands.place || a !== operands.a || b !== operands.b || ms !== operands.ms) return false;
  return data === undefined || (operands.data !== undefined && Buffer.compare(data, operands.data) === 0);
}
