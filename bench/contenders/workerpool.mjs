import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';

const script = fileURLToPath(new URL('workerpool.entry.mjs', import.meta.url));

export async function open({ workers = 2, kind = 'process' }) {
  const pool = workerpool.pool(script, { minWorkers: workers, maxWorkers: workers, workerType: kind });
  await Promise.all(Array.from({ length: 100 }, () => pool.exec('add', [1, 2])));
  return {
    tiny: () => pool.exec('add', [1, 2]),
    map: (name, inputs) => Promise.all(inputs.map((input) => pool.exec(name, [input]))),
    close: () => pool.terminate(),
  };
}
