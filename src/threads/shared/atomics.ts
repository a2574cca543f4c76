import { clock } from '../../core/index.js';
import { isDead, thisThread } from './life.js';

/** Words of shared memory. */
export type Words = Int32Array<SharedArrayBuffer>;

/** Bytes of shared memory. */
export type Bytes = Uint8Array<SharedArrayBuffer>;

/** How a thread's sleep on a word ended. */
export type Woken = 'ok' | 'not-equal' | 'timed-out';

/**
 * The seam for shared memory: every step that another thread can see, and what a thread knows of itself. The primitives name nothing else, so the model
 * (`model/`) can stand in for all of it and run the same source under every order of steps.
 */
export interface AtomicSteps {
  /** A plain read and a plain write: of what only the holder of a guard touches. */
  get(words: Words, at: number): number;
  set(words: Words, at: number, value: number): void;
  load(words: Words, at: number): number;
  store(words: Words, at: number, value: number): number;
  add(words: Words, at: number, value: number): number;
  or(words: Words, at: number, value: number): number;
  and(words: Words, at: number, value: number): number;
  exchange(words: Words, at: number, value: number): number;
  compareExchange(words: Words, at: number, expected: number, value: number): number;
  /** Sleeps while the word is `expected`, until it is notified or `ms` have passed. */
  wait(words: Words, at: number, expected: number, ms: number): Woken;
  /** Wakes up to `count` that sleep on the word; gives how many. */
  notify(words: Words, at: number, count: number): number;
  /**
   * Copies all of `data` into shared memory, from byte `at` on. Not atomic: what is copied has to be the caller's alone, by the words around it. The model takes it for
   * one step, and says so when another thread can be at the same bytes.
   */
  copyIn(bytes: Bytes, at: number, data: Uint8Array): void;
  /** Fills all of `data` from shared memory, from byte `at` on. Not atomic, as `copyIn`. */
  copyOut(bytes: Bytes, at: number, data: Uint8Array): void;
  /** The number of this thread, from 1; 0 means nobody. No two threads of a process have the same. */
  self(): number;
  /** Whether a thread is dead; `ask`: looks closer, which costs more. */
  isDead(thread: number, ask: boolean): boolean;
  /** Monotonic milliseconds. */
  now(): number;
}

let own = 0;

/** The steps in force. One object whose fields are replaced, not a variable: V8 sees through fields that never change. */
export const atomics: AtomicSteps = {
  get: (words, at) => words[at],
  set: (words, at, value) => {
    words[at] = value;
  },
  load: Atomics.load,
  store: Atomics.store,
  add: Atomics.add,
  or: Atomics.or,
  and: Atomics.and,
  exchange: Atomics.exchange,
  compareExchange: Atomics.compareExchange,
  wait: Atomics.wait,
  notify: Atomics.notify,
  copyIn: (bytes, at, data) => bytes.set(data, at),
  copyOut: (bytes, at, data) => data.set(bytes.subarray(at, at + data.length)),
  self: () => {
    if (own === 0) own = thisThread();
    return own;
  },
  isDead,
  now: () => clock.now(),
};

/** Puts other steps in force and returns a function that brings the former ones back. */
export function useAtomics(other: AtomicSteps): () => void {
  const former = { ...atomics };
  Object.assign(atomics, other);
  return () => void Object.assign(atomics, former);
}

/** Sleeping without keeping the thread from its event loop. Not part of the model: what is decided before and after it is. */
export function waitAsync(words: Words, at: number, expected: number): Promise<unknown> | undefined {
  const { async, value } = Atomics.waitAsync(words, at, expected);
  return async ? value : undefined;
}

/** The language's own steps, on every kind of integer: for values, about which nothing has to be proven. */
export const plain: typeof Atomics = Atomics;
