import { appendFileSync } from 'node:fs';
import { currentSignal, ProcessPoolExecutor } from 'meantime/processes';

/*
 * What the chaos submits. Each call first adds its number, and its process's, to a file that is opened for appending: so who ran is known, however it ended, without asking
 * the pool that is under test.
 */

/** One call: `log` is where it says that it runs. */
export interface Job {
  readonly log: string;
  readonly id: number;
  /** What takes time takes so many ms. */
  readonly ms: number;
}

function begin({ log, id }: Job): void {
  appendFileSync(log, `${id} ${process.pid}\n`);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export function tiny(job: Job): number {
  begin(job);
  return job.id;
}

export async function pauses(job: Job): Promise<number> {
  begin(job);
  await pause(job.ms);
  return job.id;
}

export function spins(job: Job): number {
  begin(job);
  const until = performance.now() + job.ms;
  while (performance.now() < until);
  return job.id;
}

export function echoes(job: Job & { bytes: Uint8Array }): { id: number; bytes: Uint8Array } {
  begin(job);
  return { id: job.id, bytes: job.bytes };
}

export function throws(job: Job): never {
  begin(job);
  throw new RangeError(`thrown by ${job.id}`);
}

export function exits(job: Job): never {
  begin(job);
  process.exit(job.id % 256);
}

export async function exitsLater(job: Job): Promise<never> {
  begin(job);
  await pause(job.ms);
  process.exit(job.id % 256);
}

export async function rejectsOutside(job: Job): Promise<void> {
  begin(job);
  Promise.reject(new Error(`nobody looks at this of ${job.id}`));
  await pause(60_000);
}

export function eatsMemory(job: Job): never {
  begin(job);
  const hoard: unknown[] = [];
  for (;;) hoard.push(Array.from({ length: 10_000 }, (_, i) => ({ i })));
}

export function burns(job: Job): never {
  begin(job);
  for (;;);
}

/** Lets go when it is told to. */
export async function listens(job: Job): Promise<never> {
  begin(job);
  const signal = currentSignal();
  await new Promise<void>((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });
  throw signal?.reason;
}

/** Does not. */
export async function isDeaf(job: Job): Promise<void> {
  begin(job);
  await pause(60_000);
}

/** A worker with a worker of its own, who must not outlive it. */
export async function nests(job: Job): Promise<number> {
  begin(job);
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  return await pool.submit(quietly, job.id, job.ms);
}

export async function quietly(id: number, ms: number): Promise<number> {
  await pause(ms);
  return id;
}

export function* counts(job: Job): Generator<number> {
  begin(job);
  for (let n = 0; n < 100; n++) yield n;
}

/** An input of a map. A bad one ends its worker. */
export function maps(job: Job & { bad: boolean }): number {
  begin(job);
  if (job.bad) process.exit(5);
  return job.id;
}
