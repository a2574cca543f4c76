import type { Words } from '../atomics.js';
import type { Outcome } from './step.js';

/** What a thread does. */
export type Thread<S> = ((state: S) => unknown) | readonly ((state: S) => unknown)[];

/** Threads, the memory that they share, and what must be true of them. */
export interface Scenario<S> {
  name: string;
  /** Makes what the threads share: shared memory only. Handles are made inside the threads, which are run again and again. */
  setup: () => S;
  /**
   * What the threads do, plain and synchronous: two or three, seven at most. Thread 0 has number 1 of `atomics.self()`, and so on. A list is done in order, each as if it knew
   * nothing of those before: that makes for far fewer states.
   */
  threads: readonly Thread<S>[];
  /** Looks at the end of every execution, and throws if something is wrong. */
  check?: (state: S, outcomes: readonly Outcome[]) => void;
  /** Looks at every state, and throws if something is wrong. */
  invariant?: (state: S) => void;
  /** What others do about a death, step by step as a thread of its own: `thread` is the number of the dead. Default: `atomics.isDead` knows of it. */
  onDeath?: (state: S, thread: number) => void;
  /** The most that may die. Default 0. */
  deaths?: number;
  /** Which may: their places in `threads`. Default all. */
  mortal?: readonly number[];
  /** The most time-outs that may come in the midst of the others' steps. Default 0. */
  timeouts?: number;
  /** Waits of at most so many ms are somebody's time limit: they also run out when nobody else can move. Default 0. */
  limit?: number;
  /**
   * Whether a thread that goes to sleep on a word (of all words of that memory, the one at `at`) knows no more than where, for how long, and how much time has passed: then
   * all ways to that sleep are one, which makes for far fewer states. Samples are taken of whether that is so.
   */
  forgets?: (state: S, words: Words, at: number) => boolean;
  /** How all executions are covered: by one of each that differ only in the order of independent steps, or by every state once. Default `'orders'`; with an invariant, `'states'`. */
  search?: 'orders' | 'states';
  /** The most preemptions of executions that are explored if there are too many for all. Default 2. */
  preemptions?: number;
  /** More orders than these are given up for states. Default 200,000. */
  maxSchedules?: number;
  /** More states than these, of one choice of deaths and time-outs, are given up for a bound on preemptions. Default 5 times `maxSchedules`. */
  maxStates?: number;
  /** The most events of one execution; more is an endless loop. Default 2000. */
  maxSteps?: number;
  /** What the words are called in a trace. */
  names?: (state: S) => Record<string, readonly [words: Words, at: number]>;
  /** Whether threads may throw. Default false: it is a violation. */
  mayThrow?: boolean;
  /** Whether threads may sleep for good. Default false. */
  mayDeadlock?: boolean;
  /** Whether what is not atomic (`get`, `set` and copies) may meet what others do to the same memory. Default false. */
  mayRace?: boolean;
}

/** What was explored. */
export interface Explored {
  name: string;
  /** How the last search went, and, if that was by states, how many there are. */
  search: 'orders' | 'states' | 'preemptions';
  states: number;
  /** How many executions came to their end; how many were left because all that follows was met elsewhere. */
  schedules: number;
  left: number;
  /** How many events there were, and how many different steps the threads took. */
  steps: number;
  known: number;
  /** How many executions ended with threads asleep. */
  deadlocks: number;
  /** Whether these are all. */
  complete: boolean;
  /** In ms. */
  took: number;
  bounds: { threads: number; deaths: number; timeouts: number; preemptions: number };
}
