import { type Coroutine, isCoroutine, mustBeFunction, type Unwrapped, YieldOnce } from '../core/index.js';
import { isStepping } from './current.js';

/** Told to the runtime: go on with this coroutine, and come back with its result. */
export class Frame {
  readonly coroutine: Coroutine<unknown>;

  constructor(coroutine: Coroutine<unknown>) {
    this.coroutine = coroutine;
  }
}

/**
 * Runs a function as part of the current generator task: `yield* call(fn, ...args)`. A generator function is run on the runtime's own stack: calls may nest without
 * end, where a plain `yield* fn()` overflows V8's stack after some thousand levels and costs more with each. What an async function or a plain function returns is waited for.
 *
 * Cancelling: a cancellation point; the coroutine is part of the same task.
 *
 * @example A recursion that is 100,000 deep
 * ```ts run
 * import { call, run } from 'meantime/tasks';
 *
 * function* depth(n: number): Generator<unknown, number, unknown> {
 *   return n === 0 ? 0 : 1 + (yield* call(depth, n - 1));
 * }
 * await run(() => depth(100_000)); // => 100_000
 * ```
 */
export function call<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Coroutine<Unwrapped<R>> {
  mustBeFunction('call', fn);
  const value: unknown = fn(...args);
  if (!isCoroutine(value)) return YieldOnce.of(value);
  return isStepping() ? YieldOnce.of(new Frame(value)) : (value as Coroutine<Unwrapped<R>>);
}
