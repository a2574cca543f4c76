import { availableParallelism } from 'node:os';
import { readOptions } from '../core/index.js';
import { Pool, PoolExecutor, type PoolOptions, poolTable, processTable } from '../pool/index.js';
import { type ProcessOptions, ProcessTransport } from './process-transport.js';

/** How a ProcessPoolExecutor is made; see {@link PoolOptions} and {@link ProcessOptions}. */
export type ProcessPoolOptions = PoolOptions & ProcessOptions;

/**
 * The Executor whose workers are processes: for calls that must not take this process down with them, that use native add-ons which
 * threads cannot load, or that need a heap of their own. A worker whose parent is gone ends within a second, also in the middle of a call.
 *
 * Workers ignore SIGINT, SIGTERM and SIGHUP, which often go to a whole group of processes: this
 * process decides what becomes of the calls. A call may listen to them, or send itself one. SIGKILL
 * ends a worker.
 *
 * Output that a call wrote before its answer arrives before it. At its end a worker waits until its
 * results are read, and at most a second for a reader of its output that reads nothing.
 *
 * Cancelling: as in a ThreadPoolExecutor; a worker that does not let go is killed.
 *
 * @throws {OptionError} code `MEANTIME_OPTION`.
 *
 * @example
 * ```ts run
 * import { ProcessPoolExecutor } from 'meantime/processes';
 *
 * const pool = new ProcessPoolExecutor({ workers: 2 });
 * await pool.submit((a: number, b: number) => a + b, 1, 2); // => 3
 * await pool.shutdown();
 * ```
 */
export class ProcessPoolExecutor extends PoolExecutor {
  constructor(options?: ProcessPoolOptions) {
    const read = readOptions('ProcessPoolExecutor', options, { ...poolTable, ...processTable });
    const pool = new Pool(read.name ?? 'ProcessPoolExecutor', new ProcessTransport(read), read, read.workers ?? availableParallelism());
    super(pool, read.maxCallsPerWorker === undefined);
  }
}
