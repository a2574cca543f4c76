import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allTasks, run } from 'meantime/tasks';

export type Coroutine<T> = Generator<unknown, T, unknown>;
/** Makes of a generator function what the form asks for: itself, or an async function that awaits whatever it yields. */
export type Form = <A extends unknown[], R>(fn: (...args: A) => Coroutine<R>) => (...args: A) => Coroutine<R> | Promise<R>;

const generator: Form = (fn) => fn;
const asyncFunction: Form = (fn) => {
  const wrapped = async (...args: Parameters<typeof fn>) => {
    const coroutine = fn(...args);
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
  };
  return Object.defineProperty(wrapped, 'name', { value: fn.name });
};
export const forms: [kind: string, form: Form][] = [
  ['async', asyncFunction],
  ['generator', generator],
];

/** One test in each form, as the main task of a `run`. Afterwards no task may be left. */
export function bothForms(name: string, body: (form: Form) => Coroutine<void>): void {
  for (const [kind, form] of forms) {
    test(`${name} (${kind})`, async () => {
      await run(form(() => body(form)));
      assert.deepEqual(
        allTasks().map((task) => task.name),
        [],
        'tasks that outlive the run',
      );
    });
  }
}

/** The error of what must fail. */
export function* failure(of: Iterable<unknown>): Coroutine<Error> {
  try {
    yield* of as Coroutine<unknown>;
  } catch (error) {
    return error as Error;
  }
  throw new assert.AssertionError({ message: 'expected a failure, and there was none' });
}

export const isCancelled = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/** What is done in one step of the event loop, outside of any task, when everything else has come to rest. */
export const atRest = (fn: () => void): Promise<void> =>
  new Promise((resolve) =>
    setImmediate(() =>
      setImmediate(() => {
        fn();
        resolve();
      }),
    ),
  );
