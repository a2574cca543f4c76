import { fileURLToPath } from 'node:url';
import { move, Piscina } from 'piscina';

const plain = fileURLToPath(new URL('../functions.mjs', import.meta.url));
const moving = fileURLToPath(new URL('../functions-piscina.mjs', import.meta.url));

export async function open({ workers = 2, concurrency = 1, async = false, moved = false, lazy = false }) {
  const pool = new Piscina({
    filename: moved ? moving : plain,
    name: async ? 'addPairAsync' : 'addPair',
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: concurrency,
    recordTiming: false,
  });
  const named = { name: moved ? 'echoMoved' : 'echo' };
  if (!lazy && !moved) await Promise.all(Array.from({ length: 100 }, () => pool.run([1, 2])));
  return {
    tiny: () => pool.run([1, 2]),
    echo: (value) => pool.run(moved ? move(value) : value, named),
    map: (name, inputs) => Promise.all(inputs.map((input) => pool.run(input, { name }))),
    close: () => pool.destroy(),
  };
}
