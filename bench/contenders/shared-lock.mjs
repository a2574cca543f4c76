import { SharedLock, ThreadPoolExecutor } from '../../dist/threads/index.js';
import * as functions from '../functions-shared.mjs';

/** Our lock, on threads of a pool. */
export async function open() {
  const pool = new ThreadPoolExecutor({ workers: 2 });
  return {
    uncontended: async (n) => pool.submit(functions.uncontended, new SharedLock(), n),
    contended: async (n) => {
      const [lock, memory, meeting] = [new SharedLock(), new SharedArrayBuffer(16), new SharedArrayBuffer(4)];
      const half = () => pool.submit(functions.contended, lock, memory, meeting, n / 2);
      const times = await Promise.all([half(), half()]);
      if (new Float64Array(memory)[1] !== n) throw new Error(`${n} sections left ${new Float64Array(memory)[1]} marks`);
      return Math.max(...times.map(([, end]) => end)) - Math.min(...times.map(([start]) => start));
    },
    alone: (n) => pool.submit(functions.alone, new SharedArrayBuffer(16), n),
    close: () => pool.shutdown(),
  };
}
