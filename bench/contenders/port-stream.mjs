import { MessageChannel } from 'node:worker_threads';
import { ThreadPoolExecutor } from '../../dist/threads/index.js';
import * as functions from '../functions-shared-queue.mjs';

/** A bare MessagePort between two threads, one way. */
export async function open({ kind }) {
  const pool = new ThreadPoolExecutor({ workers: 2 });
  const through = async (get, n) => {
    const { port1, port2 } = new MessageChannel();
    const meeting = new SharedArrayBuffer(4);
    const call = (fn, port) => pool.with({ transfer: [port] }).submit(fn, port, kind, meeting, n / 5, n);
    const [start, end] = await Promise.all([call(functions.send, port1), call(get, port2)]);
    return end - start;
  };
  return {
    events: (n) => through(functions.receive, n),
    polling: (n) => through(functions.poll, n),
    close: () => pool.shutdown(),
  };
}
