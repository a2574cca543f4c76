import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';

const filename = fileURLToPath(new URL('../functions.mjs', import.meta.url));

export async function open({ workers = 2, concurrency = 1, async = false, runtime = 'worker_threads' }) {
  const pool = new Tinypool({ filename, runtime, minThreads: workers, maxThreads: workers, concurrentTasksPerWorker: concurrency });
  const pair = { name: async ? 'addPairAsync' : 'addPair' };
  await Promise.all(Array.from({ length: 100 }, () => pool.run([1, 2], pair)));
  return {
    tiny: () => pool.run([1, 2], pair),
    echo: (value) => pool.run(value, { name: 'echo' }),
    map: (name, inputs) => Promise.all(inputs.map((input) => pool.run(input, { name }))),
    close: () => pool.destroy(),
  };
}
