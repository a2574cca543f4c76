import type { Lots } from './lots.js';

/** Steps that run in either kind of coroutine. What they yield is the affair of the form that drives them. */
export type Steps<T> = Generator<unknown, T, unknown>;

/** Something that can be awaited and `yield*`ed. */
export type Waitable<T> = PromiseLike<T> & { [Symbol.iterator](): Generator<unknown, T, unknown> };

/** One of the two ways to write a coroutine. */
export interface Form {
  readonly name: string;
  /** Waits for what `op` gives. */
  wait<T>(op: () => Waitable<T>): Steps<T>;
  /** Steps as a function that a task or a block can be given. */
  body<T>(steps: () => Steps<T>): () => T;
}

/** Generator functions: whatever is waited for is `yield*`ed, through all the frames of the interpreter. */
const generators: Form = {
  name: 'generators',
  *wait<T>(op: () => Waitable<T>): Steps<T> {
    return yield* op();
  },
  body: <T>(steps: () => Steps<T>) => steps as unknown as () => T,
};

/** Async functions: one frame that awaits, one thing after another, what its steps want. */
const asyncs: Form = {
  name: 'async functions',
  *wait<T>(op: () => Waitable<T>): Steps<T> {
    return (yield op) as T;
  },
  body: <T>(steps: () => Steps<T>) => (() => awaitAll(steps())) as unknown as () => T,
};

async function awaitAll<T>(steps: Steps<T>): Promise<T> {
  let step = steps.next();
  while (!step.done) {
    let value: unknown;
    try {
      value = await (step.value as () => PromiseLike<unknown>)();
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(value);
  }
  return step.value;
}

/** Which form each task and each block is written in. */
export type Choice = { readonly name: string; form(): Form };

export const choices = {
  generators: (): Choice => ({ name: generators.name, form: () => generators }),
  asyncs: (): Choice => ({ name: asyncs.name, form: () => asyncs }),
  mixed: (lots: Lots): Choice => ({ name: 'both, mixed', form: () => (lots.percent(50) ? generators : asyncs) }),
};
