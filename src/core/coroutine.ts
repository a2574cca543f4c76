/** A generator that pauses at `yield*` and is given back what it waited for. */
export type Coroutine<T> = Generator<unknown, T, unknown>;

/** What a call's caller gets: promises and coroutines unwrapped. */
export type Unwrapped<R> = R extends Generator<unknown, infer T, never> ? Awaited<T> : Awaited<R>;

/** Whether a function's value is a coroutine: a generator object, not merely something iterable. */
export function isCoroutine(value: unknown): value is Coroutine<unknown> {
  // What Object.prototype.toString looks at too, at a tenth of its price.
  return typeof value === 'object' && value !== null && (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'Generator';
}

/** Runs a coroutine to its end: what it yields is awaited and given back, a failure is thrown into it. */
export async function drive<T>(coroutine: Coroutine<T>): Promise<T> {
  let step = coroutine.next();
  while (!step.done) {
    let value: unknown;
    try {
      value = await step.value;
    } catch (error) {
      step = coroutine.throw(error);
      continue;
    }
    step = coroutine.next(value);
  }
  return step.value;
}
