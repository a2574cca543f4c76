import { Worker } from 'node:worker_threads';

const entry = new URL('bare-workers.entry.mjs', import.meta.url);

/** The best that this machine can do: each worker gets its even share in one message and gives back one. */
export async function open({ workers = 2 }) {
  const all = Array.from({ length: workers }, () => new Worker(entry));
  const ask = (worker, message) =>
    new Promise((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
      worker.postMessage(message);
    });
  return {
    map: async (name, inputs) => {
      const share = Math.ceil(inputs.length / workers);
      const parts = await Promise.all(all.map((worker, i) => ask(worker, { name, inputs: inputs.slice(i * share, (i + 1) * share) })));
      return parts.flat();
    },
    close: () => Promise.all(all.map((worker) => worker.terminate())),
  };
}
