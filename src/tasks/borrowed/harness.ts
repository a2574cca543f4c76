import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Coroutine, drive, useClock, VirtualClock } from '../../core/index.js';
import { allTasks, now, run, sleep } from '../index.js';

/** Makes of a generator function what the form asks for: itself, or an async function that awaits whatever it yields. */
export type Form = <A extends unknown[], R>(fn: (...args: A) => Coroutine<R>) => (...args: A) => Coroutine<R> | Promise<R>;

const generator: Form = (fn) => fn;
const asyncFunction: Form = (fn) => {
  const wrapped = async (...args: Parameters<typeof fn>) => drive(fn(...args));
  return Object.defineProperty(wrapped, 'name', { value: fn.name });
};
export const forms: [kind: string, form: Form][] = [
  ['async', asyncFunction],
  ['generator', generator],
];

/** A virtual clock on which a step may also take its time. */
class WorkClock extends VirtualClock {
  #worked = 0;

  override now(): number {
    return super.now() + this.#worked;
  }

  work(ms: number): void {
    this.#worked += ms;
  }
}

let inForce: WorkClock | undefined;

/** Holds the thread for so many ms of the virtual clock: what a long computation does. */
export const compute = (ms: number): void => inForce?.work(ms);

/** Runs `main` as the main task of a `run`, on a clock of its own that waits for nothing; afterwards no task may be left. */
export async function virtually<R>(main: () => R): Promise<void> {
  inForce = new WorkClock();
  const restore = useClock(inForce);
  try {
    await run(main, { handleSigint: false });
    assert.deepEqual(allTasks(), [], 'tasks that outlive the run');
  } finally {
    restore();
  }
}

/** One test in each form. What the body spawns or passes to a block it wraps in `form`. */
export function bothForms(name: string, body: (form: Form) => Coroutine<void>): void {
  for (const [kind, form] of forms) test(`${name} (${kind})`, () => virtually(form(() => body(form))));
}

/** Waits until everybody else waits for a time or for somebody: the virtual clock moves only then. */
export const quiet = () => sleep(1e-6);

/** The error of what must fail. */
export function* failure(of: Iterable<unknown>): Coroutine<Error> {
  try {
    yield* of as Coroutine<unknown>;
  } catch (error) {
    return error as Error;
  }
  throw new assert.AssertionError({ message: 'expected a failure, and there was none' });
}

/** How long something took, in ms of the virtual clock, without the moments of `quiet`. */
export function stopwatch(): () => number {
  const start = now();
  return () => Math.round(now() - start);
}

export const isCancelled = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';
