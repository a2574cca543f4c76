// What the tests of the brokers run in other processes.
import type { ProcessLock, ProcessQueue } from 'meantime/processes';

export async function consume(queue: ProcessQueue<number>, prefetch: number): Promise<number[]> {
  const seen: number[] = [];
  for await (const item of queue.items({ prefetch })) seen.push(item);
  return seen;
}

export async function produce(queue: ProcessQueue<number>, from: number, to: number, batch: number): Promise<void> {
  for (let at = from; at < to; at += batch) {
    await queue.putMany(Array.from({ length: Math.min(batch, to - at) }, (_, i) => at + i));
  }
}

/** Holds the lock until it is killed. */
export async function holdAndDie(lock: ProcessLock, ready: ProcessQueue<number>): Promise<never> {
  await lock.acquire();
  await ready.put(process.pid);
  return new Promise<never>(() => {});
}
