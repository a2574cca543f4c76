import { run, sleep, withTimeout } from 'meantime/tasks';
import type { SharedCondition, SharedLock, SharedReentrantLock, SharedRwLock, SharedSemaphore } from 'meantime/threads';

export interface Kit {
  lock: SharedLock;
  again: SharedReentrantLock;
  semaphore: SharedSemaphore;
  rw: SharedRwLock;
  condition: SharedCondition;
}

/** Four tasks that take what there is for some time, and are cut off at any point by time limits of 0 to 2 ms; gives how often something was had. */
export async function takeInHaste(kit: Kit, seed: number, ms: number): Promise<number> {
  let state = seed;
  const random = (n: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % n;
  };
  const end = performance.now() + ms;
  let had = 0;
  const takeOne = async (): Promise<void> => {
    const ways = [
      () => kit.lock.acquire(),
      () => kit.again.acquire(),
      () => kit.semaphore.acquire(1 + random(3)),
      () => kit.rw.read(),
      () => kit.rw.write(),
    ];
    const way = random(6);
    if (way < 5) {
      using _ = await ways[way]();
      had++;
      if (random(2)) await sleep(random(2));
      return;
    }
    using guard = await kit.condition.acquire();
    had++;
    if (random(2)) guard.notify();
    else await guard.wait();
  };
  const task = async (): Promise<void> => {
    while (performance.now() < end) {
      await withTimeout(random(3), takeOne).catch((error: Error) => {
        if (error.name !== 'TimeoutError') throw error;
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await run(async () => void (await Promise.all([task(), task(), task(), task()])));
  return had;
}
