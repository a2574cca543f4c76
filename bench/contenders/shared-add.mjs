import { AtomicInt32, ThreadPoolExecutor } from '../../dist/threads/index.js';
import { add } from '../functions-shared-queue.mjs';

/** Two threads that add to one number, by our class or by the language's own step. */
export async function open() {
  const pool = new ThreadPoolExecutor({ workers: 2 });
  const both = async (who, count, read, n) => {
    const meeting = new SharedArrayBuffer(4);
    const times = await Promise.all([0, 1].map(() => pool.submit(add, who, count, meeting, n / 2)));
    if (read() !== 2 * n) throw new Error(`${2 * n} additions gave ${read()}`);
    return Math.max(...times.map(([, end]) => end)) - Math.min(...times.map(([start]) => start));
  };
  return {
    ours: (n) => {
      const count = new AtomicInt32();
      return both('ours', count, () => count.load(), n);
    },
    raw: (n) => {
      const words = new Int32Array(new SharedArrayBuffer(4));
      return both('raw', words, () => words[0], n);
    },
    close: () => pool.shutdown(),
  };
}
