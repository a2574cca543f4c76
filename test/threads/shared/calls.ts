/** What the tests of shared things run in threads. */
import { existsSync, readlinkSync } from 'node:fs';
import type {
  SharedBarrier,
  SharedCondition,
  SharedEvent,
  SharedLock,
  SharedReentrantLock,
  SharedRwLock,
  SharedSemaphore,
} from 'meantime/threads';
import { Thread } from 'meantime/threads';

export interface Held {
  acquireSync(): { release(): void };
  acquire(): PromiseLike<{ release(): void }>;
}

/** `x = x + 1` on plain memory, so that every lost exclusion shows. */
export function addBlocking(lock: SharedLock | SharedReentrantLock, memory: SharedArrayBuffer, times: number): void {
  const cells = new Float64Array(memory);
  for (let i = 0; i < times; i++)
    lock.withSync(() => {
      cells[0] = cells[0] + 1;
    });
}

export async function addAwaiting(lock: SharedLock | SharedReentrantLock, memory: SharedArrayBuffer, times: number): Promise<void> {
  const cells = new Float64Array(memory);
  for (let i = 0; i < times; i++) {
    const guard = await lock.acquire();
    const before = cells[0];
    if (i % 16 === 0) await null; // held over a turn
    cells[0] = before + 1;
    guard.release();
  }
}

export function addTrying(lock: SharedLock, memory: SharedArrayBuffer, times: number): number {
  const cells = new Float64Array(memory);
  let tried = 0;
  for (let i = 0; i < times; tried++) {
    const guard = lock.tryAcquire();
    if (guard === undefined) continue;
    cells[0] = cells[0] + 1;
    guard.release();
    i++;
  }
  return tried;
}

export function takeAndExit(lock: Held): void {
  lock.acquireSync();
  process.exit(3);
}

export function takeAndSpin(lock: Held, taken: SharedEvent): void {
  lock.acquireSync();
  taken.set();
  for (;;);
}

export function holdUntil(lock: Held, taken: SharedEvent, go: SharedEvent): void {
  const guard = lock.acquireSync();
  taken.set();
  go.waitSync();
  guard.release();
}

export function nested({ list: [lock], map }: { list: SharedLock[]; map: Map<string, { lock: SharedLock }> }): {
  same: boolean;
  lock: SharedLock;
} {
  const guard = lock.acquireSync();
  const same = map.get('k')?.lock === lock && lock.locked;
  guard.release();
  return { same, lock };
}

export function acquireTwice(lock: SharedLock): string {
  const guard = lock.acquireSync();
  try {
    lock.acquireSync();
    return 'got it twice';
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    guard.release();
  }
}

export function depthOf(lock: SharedReentrantLock): number[] {
  const one = lock.acquireSync();
  const two = lock.acquireSync();
  const depths = [lock.depth];
  two.release();
  depths.push(lock.depth);
  one.release();
  return [...depths, lock.depth];
}

export function waitLimit(lock: SharedLock, ms: number): { code: string; ms: number } {
  const began = performance.now();
  try {
    lock.acquireSync({ timeout: ms }).release();
    return { code: 'got it', ms: 0 };
  } catch (error) {
    return { code: (error as { code: string }).code, ms: performance.now() - began };
  }
}

export function peak(semaphore: SharedSemaphore, memory: SharedArrayBuffer, times: number): void {
  const [inside, most] = [0, 1];
  const cells = new Int32Array(memory);
  for (let i = 0; i < times; i++) {
    semaphore.withSync(() => {
      const now = Atomics.add(cells, inside, 1) + 1;
      if (now > Atomics.load(cells, most)) Atomics.store(cells, most, now);
      for (let spin = 0; spin < 100; spin++) Atomics.load(cells, inside);
      Atomics.sub(cells, inside, 1);
    });
  }
}

/** Readers see two cells that a writer keeps equal. */
export function readAndWrite(lock: SharedRwLock, memory: SharedArrayBuffer, times: number, writeEvery: number): number {
  const cells = new Float64Array(memory);
  let torn = 0;
  for (let i = 0; i < times; i++) {
    if (i % writeEvery === 0)
      lock.withWriteSync(() => {
        cells[0]++;
        for (let spin = 0; spin < 50; spin++) cells[2] = spin;
        cells[1]++;
      });
    else
      lock.withReadSync(() => {
        if (cells[0] !== cells[1]) torn++;
      });
  }
  return torn;
}

export const writeAndExit = (lock: SharedRwLock): void => {
  lock.writeSync();
  process.exit(3);
};

export const readAndExit = (lock: SharedRwLock): void => {
  lock.readSync();
  process.exit(3);
};

export const meet = (barrier: SharedBarrier, rounds: number): number[] => Array.from({ length: rounds }, () => barrier.waitSync());

export const waitAndDie = async (barrier: SharedBarrier): Promise<void> => {
  barrier.wait().catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  process.exit(3);
};

/** A buffer of one place, with a condition: returns the sum of what it took. */
export function consume(condition: SharedCondition, memory: SharedArrayBuffer, times: number): number {
  const [full, item] = [0, 1];
  const cells = new Int32Array(memory);
  let sum = 0;
  for (let i = 0; i < times; i++) {
    condition.withSync((guard) => {
      guard.waitForSync(() => cells[full] === 1);
      sum += cells[item];
      cells[full] = 0;
      guard.notifyAll();
    });
  }
  return sum;
}

export function produce(condition: SharedCondition, memory: SharedArrayBuffer, times: number): void {
  const [full, item] = [0, 1];
  const cells = new Int32Array(memory);
  for (let i = 1; i <= times; i++) {
    condition.withSync((guard) => {
      guard.waitForSync(() => cells[full] === 0);
      cells[item] = i;
      cells[full] = 1;
      guard.notifyAll();
    });
  }
}

export const waitOn = (event: SharedEvent): boolean => {
  event.waitSync();
  return event.isSet;
};

export const makeLock = async (): Promise<SharedLock> => {
  const { SharedLock } = await import('meantime/threads');
  return new SharedLock();
};

export const blocksMain = (lock: SharedLock): void => lock.acquireSync().release();

/** Comes to a barrier, and ends its thread. */
export function comeAndExit(barrier: SharedBarrier, task: Int32Array): Promise<unknown> {
  const come = barrier.wait();
  Atomics.store(task, 0, Number(readlinkSync('/proc/thread-self').split('/').at(-1)));
  process.exit();
  return come;
}

/** Meets a thread at a barrier that is gone by then; of which this one, that has started it and blocks, was not told. */
export async function meetTheDead(barrier: SharedBarrier): Promise<unknown> {
  const never = new Int32Array(new SharedArrayBuffer(4));
  const task = new Int32Array(new SharedArrayBuffer(4));
  const thread = Thread.start(comeAndExit, barrier, task);
  thread.catch(() => undefined); // it is lost, as it is meant to be
  while (Atomics.load(task, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
  while (existsSync(`/proc/self/task/${task[0]}`)) Atomics.wait(never, 0, 0, 1);
  try {
    return barrier.waitSync({ timeout: 50 });
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}
