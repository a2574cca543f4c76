import { availableParallelism } from 'node:os';
import { OptionError } from '../core/index.js';
import type { Executor } from '../futures/index.js';
import { TaskExecutor } from '../tasks/index.js';

/** Where a batch runs: on this thread, on threads, in processes, or on an executor of your own. */
export type Where = 'tasks' | 'threads' | 'processes' | Executor;

/** How the executor of a batch is made. */
export interface WorkerOptions {
  /** Default `threads`. An executor of your own is used and left open. */
  on?: Where;
  /** How many threads or processes. Default: what the pool takes. */
  workers?: number;
  /** How many calls in progress in each. Default 1, on `tasks` 16. */
  concurrency?: number;
  /** The most memory a worker may use, in bytes. */
  memoryLimit?: number;
}

/** An executor for one batch. */
export interface Opened {
  executor: Executor;
  /** Whether the batch made it and has to end it. */
  own: boolean;
  /** How many calls can be in progress at once, if that is known. */
  slots: number | undefined;
}

/** Throws an OptionError if an option has no meaning where the batch runs. */
export function checkWorkerOptions({ on, workers, concurrency, memoryLimit }: WorkerOptions): void {
  if (on === 'tasks') refuse({ workers, memoryLimit }, '"tasks", which is this one thread');
  else if (typeof on === 'object') refuse({ workers, concurrency, memoryLimit }, 'an executor of your own');
}

/** Makes the executor. Only what is used is loaded. `stdout` says where the output of the functions in workers goes. */
export async function openExecutor(options: WorkerOptions, stdout?: 'stderr'): Promise<Opened> {
  checkWorkerOptions(options);
  const { on = 'threads', workers, concurrency, memoryLimit } = options;
  if (typeof on !== 'string') {
    return { executor: on, own: false, slots: undefined };
  }
  if (on === 'tasks') {
    const executor = new TaskExecutor(concurrency === undefined ? {} : { concurrency });
    return { executor, own: true, slots: concurrency ?? 16 };
  }
  const pool = {
    ...(workers !== undefined && { workers }),
    ...(concurrency !== undefined && { concurrency }),
    ...(memoryLimit !== undefined && { memoryLimit }),
    ...(stdout !== undefined && { stdout }),
  };
  const slots = (workers ?? availableParallelism()) * (concurrency ?? 1);
  if (on === 'processes') {
    const { ProcessPoolExecutor } = await import('../processes/index.js');
    return { executor: new ProcessPoolExecutor(pool), own: true, slots };
  }
  const { ThreadPoolExecutor } = await import('../threads/index.js');
  return { executor: new ThreadPoolExecutor(pool), own: true, slots };
}

function refuse(options: Record<string, number | undefined>, where: string): void {
  for (const name of Object.keys(options)) {
    if (options[name] !== undefined) throw new OptionError(`The option "${name}" has no meaning on ${where}`);
  }
}

/** What is in flight on a cancelled run is given this long to let go, in ms. */
const GRACE = 1000;

/** Ends an executor that was made for the run. */
export async function endExecutor({ executor, own }: Opened, now: boolean): Promise<void> {
  if (own) await executor.shutdown(now ? { cancelPending: true, grace: GRACE } : {});
}
