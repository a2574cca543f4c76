import type { Executor, Future, Results, Settled } from 'meantime/futures';
import { ProcessPoolExecutor } from 'meantime/processes';
import { TaskExecutor } from 'meantime/tasks';
import { ThreadPoolExecutor } from 'meantime/threads';
import type { Equal, Expect } from './expect.js';

declare const executor: Executor;
declare const add: (a: number, b: number) => number;
declare const later: (text: string) => Promise<string>;
declare function steps(n: number): Generator<unknown, string, never>;
declare function squares(n: number): AsyncGenerator<number>;

// submit infers arguments and result; promises and coroutines are unwrapped.
const sum = executor.submit(add, 1, 2);
const word = executor.submit(later, 'x');
const walked = executor.submit(steps, 3);
const none = executor.submit(() => {});
export type Sum = Expect<Equal<typeof sum, Future<number>>>;
export type Word = Expect<Equal<typeof word, Future<string>>>;
export type Walked = Expect<Equal<typeof walked, Future<string>>>;
export type None = Expect<Equal<typeof none, Future<void>>>;

// @ts-expect-error an argument is missing
executor.submit(add, 1);
// @ts-expect-error an argument is too many
executor.submit(add, 1, 2, 3);
// @ts-expect-error an argument has the wrong type
executor.submit(add, 1, '2');
// @ts-expect-error not a function
executor.submit('add', 1, 2);

// map
declare const texts: string[];
declare const endless: AsyncIterable<string>;
const mapped = executor.map(later, texts);
const streamed = executor.map(later, endless, { ordered: false, chunk: 'auto', buffer: 10 });
const settled = executor.map(later, texts, { onError: 'settle' });
export type Mapped = Expect<Equal<typeof mapped, Results<string>>>;
export type Streamed = Expect<Equal<typeof streamed, Results<string>>>;
export type SettledMap = Expect<Equal<typeof settled, Results<Settled<string, string>>>>;

// The executors themselves say the same as the interface.
declare const tasks: TaskExecutor;
const ofTasks = tasks.map(later, texts);
const settledOfTasks = tasks.map(later, texts, { onError: 'settle' });
export type OfTasks = Expect<Equal<typeof ofTasks, Results<string>>>;
export type SettledOfTasks = Expect<Equal<typeof settledOfTasks, Results<Settled<string, string>>>>;

export async function results() {
  const all = await mapped;
  for await (const one of streamed) one.toUpperCase();
  for await (const record of settled) {
    if (record.status === 'fulfilled') record.value.toUpperCase();
    // @ts-expect-error a failure has no value
    else record.value;
    record.input.toUpperCase();
    record.index.toFixed();
  }
  return all;
}
export type Array_ = Expect<Equal<Awaited<ReturnType<typeof results>>, string[]>>;

// @ts-expect-error the inputs have the wrong type
executor.map(later, [1, 2]);
// @ts-expect-error the inputs cannot be iterated
executor.map(later, 5);
// @ts-expect-error there is no such option
executor.map(later, texts, { chunks: 5 });
// @ts-expect-error not a way to treat errors
executor.map(later, texts, { onError: 'ignore' });

// stream
const stream = executor.stream(squares, 3);
export type Stream = Expect<Equal<typeof stream, AsyncIterableIterator<number>>>;
// @ts-expect-error does not yield
executor.stream(add, 1, 2);

// with gives an executor, and knows its options
executor.with({ timeout: 10, priority: 1, retries: 2, name: 'x', signal: new AbortController().signal }).submit(add, 1, 2);
// @ts-expect-error a time is a number of milliseconds
executor.with({ timeout: '10s' });

// Every executor is one.
export const executors: Executor[] = [
  new TaskExecutor({ concurrency: 2 }),
  new ThreadPoolExecutor({ workers: 1 }),
  new ProcessPoolExecutor({ workers: 1 }),
];
// @ts-expect-error there is no such option
new ThreadPoolExecutor({ threads: 1 });
// @ts-expect-error there is no such option
new ProcessPoolExecutor({ worker: 1 });

export const broadcast: Future<number[]> = new ThreadPoolExecutor().broadcast(add, 1, 2);

export async function scoped() {
  await using pool = new ThreadPoolExecutor();
  return pool.submit(add, 1, 2);
}
