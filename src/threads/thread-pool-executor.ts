import { availableParallelism } from 'node:os';
import { readOptions } from '../core/index.js';
import { Pool, PoolExecutor, type PoolOptions, poolTable } from '../pool/index.js';
import { ThreadTransport } from './thread-transport.js';

/** How a ThreadPoolExecutor is made; see {@link PoolOptions}. */
export type ThreadPoolOptions = PoolOptions;

/**
 * The Executor whose workers are threads of this process: for calls that compute. Threads start when there is work for them, end when they have
 * had none for `idleTimeout`, and are replaced when they die. An idle pool does not keep the process alive.
 *
 * Output that a call wrote before its answer arrives before it, and is not lost when the program
 * ends, unless that calls `process.exit` in the main thread. Messages that a call posts on
 * `parentPort` are ignored.
 *
 * Cancelling: a queued call never runs; a running one has its signal aborted (`currentSignal()`), and if it has not let go after `grace` ms its
 * thread is ended and replaced. The future settles at once.
 *
 * @throws {OptionError} code `MEANTIME_OPTION`.
 *
 * @example
 * ```ts run
 * import { ThreadPoolExecutor } from 'meantime/threads';
 *
 * const pool = new ThreadPoolExecutor({ workers: 2 });
 * await pool.submit((a: number, b: number) => a + b, 1, 2); // => 3
 * await pool.map((x: number) => x * x, [1, 2, 3]); // => [1, 4, 9]
 * await pool.shutdown();
 * ```
 */
export class ThreadPoolExecutor extends PoolExecutor {
  constructor(options?: ThreadPoolOptions) {
    const read = readOptions('ThreadPoolExecutor', options, poolTable);
    const pool = new Pool(read.name ?? 'ThreadPoolExecutor', new ThreadTransport(read), read, read.workers ?? availableParallelism());
    super(pool, read.maxCallsPerWorker === undefined);
  }
}
