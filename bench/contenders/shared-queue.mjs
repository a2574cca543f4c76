import { SharedQueue, ThreadPoolExecutor } from '../../dist/threads/index.js';
import * as functions from '../functions-shared-queue.mjs';

/** Our queue between two threads of a pool. */
export async function open({ kind, capacity }) {
  const pool = new ThreadPoolExecutor({ workers: 2 });
  const through = async (put, get, n) => {
    const [queue, meeting] = [new SharedQueue(capacity), new SharedArrayBuffer(4)];
    const rest = [queue, kind, meeting, n / 5, n];
    const [start, end] = await Promise.all([pool.submit(put, ...rest), pool.submit(get, ...rest)]);
    return end - start;
  };
  return {
    blocking: (n) => through(functions.produce, functions.consume, n),
    awaiting: (n) => through(functions.produceLater, functions.consumeLater, n),
    close: () => pool.shutdown(),
  };
}
