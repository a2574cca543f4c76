import type { AtomicInt32, SharedQueue } from 'meantime/threads';

/*
 * What the tests of SharedQueue run in threads.
 */

export interface Job {
  id: number;
  text: string;
}

/** Puts jobs, and says how many. */
export function produce({ queue, from, count }: { queue: SharedQueue<Job>; from: number; count: number }): number {
  for (let id = from; id < from + count; id++) queue.putSync({ id, text: `job ${id}` });
  return count;
}

/** Takes jobs until there are no more: blocking, or not. */
export async function consume(queue: SharedQueue<Job>, blocking: boolean): Promise<number[]> {
  const ids: number[] = [];
  const note = ({ id, text }: Job) => {
    if (text !== `job ${id}`) throw new Error(`job ${id} says "${text}"`);
    ids.push(id);
  };
  if (blocking) for (const job of queue) note(job);
  else for await (const job of queue) note(job);
  return ids;
}

export const getOne = <T>(queue: SharedQueue<T>): T => queue.getSync();
export const putOne = (queue: SharedQueue<number>, item: number): void => queue.putSync(item);

/** Blocks with a time limit, and tells how it ended. */
export function getWithin(queue: SharedQueue<unknown>, timeout: number): string {
  try {
    queue.getSync({ timeout });
    return 'got';
  } catch (error) {
    return (error as Error).name;
  }
}

/** Takes items and does them, until it has seen `count`. */
export function takeAndDo(queue: SharedQueue<unknown>, count: number): void {
  for (let i = 0; i < count; i++) {
    queue.getSync();
    queue.taskDone();
  }
}

export function joinAndTell(queue: SharedQueue<unknown>, told: AtomicInt32): void {
  queue.joinSync();
  told.store(1);
}

/** Gives a queue back, and what it is there. */
export const giveBack = <T>(queue: SharedQueue<T>): { queue: SharedQueue<T>; name: string } => ({ queue, name: queue.constructor.name });

/** Takes one, and ends its thread. */
export function takeAndExit(queue: SharedQueue<unknown>): void {
  queue.getSync();
  process.exit(3);
}
