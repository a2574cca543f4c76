import { ThreadPoolExecutor } from '../../dist/threads/index.js';
import * as functions from '../functions-shared.mjs';

/** The bare steps of the language, on a thread. */
export async function open() {
  const pool = new ThreadPoolExecutor({ workers: 1 });
  return {
    uncontended: (n) => pool.submit(functions.raw, new SharedArrayBuffer(4), n),
    close: () => pool.shutdown(),
  };
}
