import { ProcessPoolExecutor, ProcessQueue } from '../../dist/processes/index.js';
import { consume, produce } from './process-queue-calls.mjs';

/** A queue that lives here, a process that takes from it, and, if `far`, another one that puts into it. */
export async function open({ capacity, batch, prefetch, far = false }) {
  const pool = new ProcessPoolExecutor({ workers: 2 });
  return {
    async pass(n) {
      const queue = new ProcessQueue(capacity);
      const ready = new ProcessQueue(1);
      const consuming = pool.submit(consume, queue, ready, prefetch);
      await ready.get();
      const start = performance.now();
      await (far ? pool.submit(produce, queue, n, batch) : produce(queue, n, batch));
      await queue.close();
      const seen = await consuming;
      const seconds = (performance.now() - start) / 1000;
      if (seen !== n) throw new Error(`${n} items were put, ${seen} came`);
      queue[Symbol.dispose]();
      ready[Symbol.dispose]();
      return n / seconds;
    },
    close: () => pool.shutdown(),
  };
}
