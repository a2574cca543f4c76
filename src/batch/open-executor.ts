import { availableParallelism } from 'node:os';
import { AutoExecutor, type Decision, pointText } from '../advisor/index.js';
import { bare, OptionError, outside } from '../core/index.js';
import type { Executor } from '../futures/index.js';
import { TaskExecutor } from '../tasks/index.js';

/** Where a batch runs: wherever measuring says, on this thread, on threads, in processes, or on an executor of your own. */
export type Where = 'auto' | 'tasks' | 'threads' | 'processes' | Executor;

/** The step at which a worker is that does not run the calls it was sent. */
export type NotBegun = ReturnType<AutoExecutor['notBegun']>[number];

/** An executor that has workers. */
type PoolLike = Executor & Pick<AutoExecutor, 'notBegun' | 'isStartFailure'>;

/** How the executor of a batch is made. */
export interface WorkerOptions {
  /** Default `auto`, which measures the calls and steers; with `workers` or `concurrency`, which are a choice, `threads`. An executor of your own is used and left open. */
  on?: Where;
  /** How many threads or processes. Default: what the pool takes. */
  workers?: number;
  /** How many calls in progress in each. Default 1, on `tasks` 16. */
  concurrency?: number;
  /** On `auto`: never more threads than that. */
  maxWorkers?: number;
  /** On `auto`: never more calls in progress than that, over all threads. */
  maxConcurrency?: number;
  /** On `auto`: whether nothing that can travel runs on this thread. Default: if there is a `timeout` or a `memoryLimit`, for only a worker can be ended. */
  isolate?: boolean;
  /** On `auto`: told of every decision, when it is made. */
  onDecision?: (decision: Decision) => void;
  /** The most memory a worker may use, in bytes. */
  memoryLimit?: number;
  /**
   * How long a worker may take to start and to import the function's module, in ms. Default 30,000;
   * Infinity: without end. Not on `tasks`.
   */
  startTimeout?: number;
}

/** An executor for one batch. */
export interface Opened {
  executor: Executor;
  /** Whether the batch made it and has to end it. */
  own: boolean;
  /** How many calls can be in progress at once, if that is known. */
  slots: number | undefined;
  /** The steps at which those of its workers are that do not run the calls they were sent. */
  notBegun?: () => readonly NotBegun[];
  /**
   * Whether this is the error of workers that could not start: the next call would fail of the
   * same.
   */
  isStartFailure?: (error: unknown) => boolean;
  /** Where it is on the plane, in words, if it moves. */
  point?: () => string;
}

/** Where a batch runs if it is not said. */
const place = ({ on, workers, concurrency }: WorkerOptions): Where =>
  on ?? (workers === undefined && concurrency === undefined ? 'auto' : 'threads');

/** Throws an OptionError if an option has no meaning where the batch runs. */
export function checkWorkerOptions(options: WorkerOptions): void {
  const { workers, concurrency, memoryLimit, startTimeout, maxWorkers, maxConcurrency, isolate, onDecision } = options;
  const on = place(options);
  if (on === 'auto') {
    refuse({ workers }, '"auto", which finds it out: "maxWorkers" limits it');
    refuse({ concurrency }, '"auto", which finds it out: "maxConcurrency" limits it');
    return;
  }
  const where = typeof on === 'object' ? 'an executor of your own' : on === 'tasks' ? '"tasks", which is this one thread' : `"${on}"`;
  refuse({ maxWorkers, maxConcurrency, isolate, onDecision }, `${where}, only on "auto"`);
  if (on === 'tasks') refuse({ workers, memoryLimit, startTimeout }, where);
  else if (typeof on === 'object') refuse({ workers, concurrency, memoryLimit, startTimeout }, where);
}

/** Makes the executor. Only what is used is loaded. `stdout` says where the output of the functions in workers goes. */
export async function openExecutor(options: WorkerOptions & { timeout?: number; cwd?: string }, stdout?: 'stderr'): Promise<Opened> {
  checkWorkerOptions(options);
  const { workers, concurrency, memoryLimit, startTimeout } = options;
  const on = place(options);
  if (typeof on !== 'string') return bare({ executor: on, own: false, slots: undefined });
  if (on === 'auto') return openAuto(options, stdout);
  if (on === 'tasks') {
    const executor = new TaskExecutor({ concurrency });
    return bare({ executor, own: true, slots: concurrency ?? 16 });
  }
  const pool = { workers, concurrency, memoryLimit, startTimeout, stdout };
  const slots = (workers ?? availableParallelism()) * (concurrency ?? 1);
  if (on === 'processes') {
    const { ProcessPoolExecutor } = await outside(() => import('../processes/index.js'));
    return ofWorkers(new ProcessPoolExecutor({ ...pool, cwd: options.cwd }), slots);
  }
  const { ThreadPoolExecutor } = await outside(() => import('../threads/index.js'));
  return ofWorkers(new ThreadPoolExecutor(pool), slots);
}

const ofWorkers = (executor: PoolLike, slots: number): Opened =>
  bare({
    executor,
    own: true,
    slots,
    notBegun: () => executor.notBegun(),
    isStartFailure: (error) => executor.isStartFailure(error),
  });

/** The most calls that an AutoExecutor has in progress. */
const MOST = 1024;

function openAuto(options: WorkerOptions & { timeout?: number }, stdout: 'stderr' | undefined): Opened {
  const { maxWorkers, maxConcurrency, memoryLimit, startTimeout, onDecision, timeout } = options;
  const isolate = options.isolate ?? (timeout === undefined ? undefined : true);
  const executor = new AutoExecutor({ maxWorkers, maxConcurrency, memoryLimit, startTimeout, isolate, onDecision, stdout });
  return bare({ ...ofWorkers(executor, maxConcurrency ?? MOST), point: () => pointText(executor.point) });
}

function refuse(options: Record<string, unknown>, where: string): void {
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
