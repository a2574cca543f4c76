import { appendFileSync, closeSync, openSync, rmSync } from 'node:fs';
import type { ProcessLock, ProcessQueue } from 'meantime/processes';
import type { SharedLock } from 'meantime/threads';

/*
 * Users of a lock and of a queue that may be ended at any point. That they are alone inside is checked by a file that can be made only once.
 */

export interface User {
  readonly lock: SharedLock | ProcessLock;
  readonly log: string;
  /** The file that is there while somebody is inside. */
  readonly inside: string;
  readonly id: number;
  readonly ms: number;
  readonly blocks: boolean;
  /** Ends its worker while it is inside. */
  readonly dies: boolean;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export async function useLock({ lock, log, inside, id, ms, blocks, dies }: User): Promise<'alone' | 'abandoned'> {
  const limits = { timeout: 60_000 };
  const guard = await (blocks && 'acquireSync' in lock ? lock.acquireSync(limits) : lock.acquire(limits));
  appendFileSync(log, `in ${id}\n`);
  // Whoever died inside could not take the file away; the lock says that this may be so.
  if (guard.abandoned) rmSync(inside, { force: true });
  closeSync(openSync(inside, 'wx'));
  if (dies) process.exit(9);
  await pause(ms);
  rmSync(inside);
  appendFileSync(log, `out ${id}\n`);
  guard.release();
  return guard.abandoned ? 'abandoned' : 'alone';
}

/** Takes one item, and tells which. */
export async function takeItem(queue: ProcessQueue<number>, log: string, dies: boolean): Promise<number> {
  const item = await queue.get({ timeout: 60_000 });
  if (dies) process.exit(9);
  appendFileSync(log, `${item}\n`);
  return item;
}
