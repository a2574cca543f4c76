import { setTimeout as pause } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { currentSignal } from 'meantime';

/*
 * What the tests of AutoExecutor have done, here or on threads.
 */

/** Places in the memory that the calls of a test share. From `calls` on, each call counts itself. */
export const Mark = { running: 0, peak: 1, calls: 16 } as const;

export type Kind = 'tiny' | 'wait' | 'spin' | 'block' | 'mixed';

/** One call, and where it leaves its marks. */
export interface Job {
  readonly memory: SharedArrayBuffer;
  readonly index: number;
  readonly kind: Kind;
  readonly ms: number;
  readonly fails?: 'error' | 'pushback';
}

/** Room for the marks of so many calls. */
export const marksFor = (calls: number): SharedArrayBuffer => new SharedArrayBuffer(4 * (Mark.calls + calls));

export const isMain = (): boolean => threadId === 0;

/** Computes. */
export function spin(ms: number): number {
  const end = performance.now() + ms;
  let x = 0;
  while (performance.now() < end) for (let i = 0; i < 500; i++) x = Math.imul(x + i, 31) | 1;
  return x;
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Holds its thread and computes nothing. */
export const hold = (ms: number): unknown => Atomics.wait(sleeper, 0, 0, ms);

export const wait = (ms: number): Promise<void> => pause(ms);

/** Does it, marks that it did, and says on which thread. */
export async function work({ memory, index, kind, ms, fails }: Job): Promise<number> {
  const marks = new Int32Array(memory);
  const running = Atomics.add(marks, Mark.running, 1) + 1;
  for (let peak = Atomics.load(marks, Mark.peak); running > peak; peak = Atomics.load(marks, Mark.peak))
    Atomics.compareExchange(marks, Mark.peak, peak, running);
  try {
    if (kind === 'spin') spin(ms);
    else if (kind === 'block') hold(ms);
    else if (kind === 'wait') await pause(ms);
    else if (kind === 'mixed') {
      spin(ms / 2);
      await pause(ms / 2);
    }
    Atomics.add(marks, Mark.calls + index, 1);
  } finally {
    Atomics.sub(marks, Mark.running, 1);
  }
  if (fails === 'pushback') throw Object.assign(new Error(`asked too much ${index}`), { status: 429 });
  if (fails === 'error') throw new RangeError(`call ${index}`);
  return threadId;
}

/** Takes so long without computing, and says where. */
export async function where(ms: number): Promise<number> {
  await pause(ms);
  return threadId;
}

/** Of 2 and 4 it never gives an answer: one waits, the other does not even do that. */
export async function forEver(x: number): Promise<number> {
  while (x === 2);
  if (x === 4) await new Promise(() => setInterval(() => undefined, 1000));
  return x;
}

export async function waitForAbort(x: number): Promise<number> {
  await new Promise((resolve) => currentSignal()?.addEventListener('abort', resolve, { once: true }));
  return x;
}

export function eatMemory(x: number): number {
  const hoard: unknown[] = [];
  while (x === 3) hoard.push(Array.from({ length: 10_000 }, (_, i) => ({ i })));
  return x;
}

export function echoSlowly(x: number): number {
  spin(0.7);
  return x;
}

export function* numbers(n: number): Generator<number> {
  for (let i = 0; i < n; i++) yield i;
}
