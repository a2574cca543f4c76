// What the tests of the brokers run in other processes.
import {
  type ProcessBarrier,
  type ProcessCondition,
  type ProcessEvent,
  ProcessLock,
  ProcessQueue,
  type ProcessSemaphore,
  toProcess,
} from 'meantime/processes';

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

const never = (): Promise<never> => new Promise<never>(() => {});

/** Holds the lock until it is killed. */
export async function holdForEver(lock: ProcessLock, ready: ProcessQueue<number>): Promise<never> {
  await lock.acquire();
  await ready.put(process.pid);
  return never();
}

/** Says that it is about to wait for the lock, and, once it has it, who it is. */
export async function standInLine(lock: ProcessLock, ready: ProcessQueue<number>, order: ProcessQueue<number>, me: number): Promise<void> {
  const acquiring = lock.acquire();
  acquiring.catch(() => undefined); // it may be refused before the next line is over; whoever awaits it is told
  await ready.put(process.pid); // on another channel of the same connection, behind the asking
  using _guard = await acquiring;
  await order.put(me);
}

/** Asks, and cancels at once or a little later, again and again; what it gets all the same it gives back. */
export async function cancelStorm(
  lock: ProcessLock,
  semaphore: ProcessSemaphore,
  queue: ProcessQueue<number>,
  rounds: number,
): Promise<number[]> {
  const got: number[] = [];
  const turns = async (n: number) => {
    for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  for (let i = 0; i < rounds; i++) {
    const asks = [lock.acquire(), semaphore.acquire(1 + (i % 2)), lock.acquire()];
    const gets = [queue.get(), queue.getMany(3)];
    await turns(i % 4);
    for (const future of [...asks, ...gets]) if ((i + asks.length) % 3 > 0) future.cancel();
    for (const future of asks) {
      setTimeout(() => future.cancel(), 20);
      await future.then(
        (guard) => guard.release(),
        (error: Error) => {
          if (error.name !== 'AbortError') throw error;
        },
      );
    }
    for (const future of gets) {
      future.cancel();
      await future.then(
        (items: number | number[]) => got.push(...[items].flat()),
        (error: Error) => {
          if (error.name !== 'AbortError') throw error;
        },
      );
    }
  }
  return got;
}

export async function bump(lock: ProcessLock, counter: SharedCounter, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await lock.with(async () => {
      const [n] = await counter.getMany(1);
      await counter.put(n + 1);
    });
  }
}
type SharedCounter = ProcessQueue<number>;

export async function releaseTwice(lock: ProcessLock): Promise<string> {
  const guard = await lock.acquire();
  guard.release();
  try {
    guard.release();
    return 'nothing';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

export async function waitNoTime(event: ProcessEvent): Promise<void> {
  await event.wait({ timeout: 0 });
}

export async function waitEvent(event: ProcessEvent, ready: ProcessQueue<number>): Promise<string> {
  const waiting = event.wait();
  await ready.put(1);
  await waiting;
  return 'set';
}

export async function meet(barrier: ProcessBarrier, ready?: ProcessQueue<number>): Promise<number> {
  const waiting = barrier.wait();
  await ready?.put(process.pid);
  return waiting;
}

export async function takePermits(semaphore: ProcessSemaphore, n: number, ready: ProcessQueue<number>): Promise<never> {
  await semaphore.acquire(n);
  await ready.put(process.pid);
  return never();
}

/** Takes from a store that others fill, under a condition. */
export async function buy(condition: ProcessCondition, stock: ProcessQueue<string>, ready: ProcessQueue<number>): Promise<string> {
  using guard = await condition.acquire();
  for (;;) {
    const item = await stock.tryGet();
    if (item !== undefined) return item;
    const waiting = guard.wait();
    await ready.put(1);
    await waiting;
  }
}

/** A queue that lives in this process, and ends with it. */
let mine: ProcessQueue<unknown>;
export function makeHere(): { queue: ProcessQueue<unknown>; lock: ProcessLock; pid: number } {
  mine = new ProcessQueue<unknown>(1);
  return { queue: mine, lock: new ProcessLock(), pid: process.pid };
}

/** Answers what comes with a queue to answer to, from a process of its own below this one. */
export async function answerBelow(queue: ProcessQueue<{ question: number; to: ProcessQueue<number> }>): Promise<void> {
  await toProcess(answer, queue);
}

export async function answer(queue: ProcessQueue<{ question: number; to: ProcessQueue<number> }>): Promise<void> {
  for await (const { question, to } of queue) await to.put(question * 2);
}

/** Takes an item and never says what became of it. */
export async function takeAndHang(queue: ProcessQueue<number>, prefetch: number, ready: ProcessQueue<number[]>): Promise<never> {
  for await (const item of queue.items({ prefetch })) {
    await ready.put([process.pid, item]);
    await never();
  }
  return never();
}

export async function firstFew(queue: ProcessQueue<number>, few: number): Promise<number[]> {
  const seen: number[] = [];
  for await (const item of queue.items({ prefetch: 50 })) {
    seen.push(item);
    if (seen.length === few) break;
  }
  return seen;
}

/** Ends its process in the very turn in which it releases the lock. */
export async function releaseAndExit(lock: ProcessLock): Promise<void> {
  const guard = await lock.acquire();
  guard.release();
  process.exit(0);
}
