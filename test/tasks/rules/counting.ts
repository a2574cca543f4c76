import { currentSignal } from 'meantime/tasks';

/** For a worker: counts in shared memory until its signal aborts, and then says so. */
export async function countUntilCancelled(memory: SharedArrayBuffer): Promise<void> {
  const counts = new Int32Array(memory);
  while (!currentSignal()?.aborted) {
    counts[0]++;
    await new Promise(setImmediate);
  }
  counts[1] = 1;
}
