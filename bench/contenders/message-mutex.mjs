import { MessageChannel } from 'node:worker_threads';
import { ThreadPoolExecutor } from '../../dist/threads/index.js';
import * as functions from '../functions-shared.mjs';

/** A mutex that a thread keeps, and that others ask for by messages: what is left to do without shared memory. */
export async function open() {
  const pool = new ThreadPoolExecutor({ workers: 2 });
  return {
    contended: async (n) => {
      const [memory, meeting] = [new SharedArrayBuffer(16), new SharedArrayBuffer(4)];
      const waiting = [];
      let held = false;
      let start;
      const calls = [0, 1].map(() => {
        const { port1, port2 } = new MessageChannel();
        port1.on('message', (what) => {
          start ??= performance.now();
          if (what === 'release') held = false;
          else waiting.push(port1);
          if (held || waiting.length === 0) return;
          held = true;
          waiting.shift().postMessage('yours');
        });
        return pool.with({ transfer: [port2] }).submit(functions.byMessages, port2, memory, n / 2, meeting);
      });
      await Promise.all(calls);
      const ms = performance.now() - start;
      if (new Float64Array(memory)[1] !== n) throw new Error(`${n} sections left ${new Float64Array(memory)[1]} marks`);
      return ms;
    },
    close: () => pool.shutdown(),
  };
}
