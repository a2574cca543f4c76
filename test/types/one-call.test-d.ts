import type { Readable } from 'node:stream';
import type { Future } from 'meantime/futures';
import { activeProcesses, Process } from 'meantime/processes';
import { activeThreads, Thread, Timer } from 'meantime/threads';
import type { Equal, Expect } from './expect.js';

declare const add: (a: number, b: number) => number;
declare const later: (text: string) => Promise<string>;
declare function steps(n: number): Generator<unknown, boolean, never>;

// start infers arguments and result; promises and coroutines are unwrapped.
const thread = Thread.start(add, 1, 2);
const child = Process.with({ env: { A: 'b' }, stdout: 'pipe', timeout: 5 }).start(later, 'x');
const walked = Thread.with({ name: 'x' }).start(steps, 3);
export type Of = Expect<Equal<typeof thread, Thread<number>>>;
export type OfChild = Expect<Equal<typeof child, Process<string>>>;
export type OfSteps = Expect<Equal<typeof walked, Thread<boolean>>>;

// Each is a Future, and covariant.
export const future: Future<number> = thread;
export const wide: Thread<unknown> = thread;
export const promise: Promise<string> = child;
// @ts-expect-error a string is not a number
export const wrong: Future<number> = child;
export async function awaited(): Promise<number> {
  return await thread;
}

export const id: number | undefined = thread.threadId;
export const pid: number | undefined = child.pid;
export const out: Readable | null = child.stdout;
export const code: number | null = child.exitCode;
export const joined: Future<void> = thread.join(10);
export const gone: Future<void> = child.terminate();
export const sent: boolean = child.kill('SIGTERM');
export const threads: Thread<unknown>[] = activeThreads();
export const processes: Process<unknown>[] = activeProcesses();

// @ts-expect-error an argument is missing
Thread.start(add, 1);
// @ts-expect-error an argument has the wrong type
Process.start(add, 1, '2');
// @ts-expect-error not a function
Thread.start('add');
// @ts-expect-error a thread cannot be sent a signal
thread.kill();
// @ts-expect-error there is no such option
Thread.with({ cwd: '/' });
// @ts-expect-error a time is a number of milliseconds
Process.with({ timeout: '5s' });
// @ts-expect-error not a way to treat stdout
Process.with({ stdout: 'stderr' });
// @ts-expect-error not a signal
child.kill('SIGNOT');
// @ts-expect-error whoever holds it cannot settle it
thread.settle('fulfilled', 1);

const timer = Timer.every(5, async (tick) => tick.toFixed());
export const ticks: Future<number> = timer.finished;
// @ts-expect-error made by once and every
new Timer(5, 5, () => 1, {});
