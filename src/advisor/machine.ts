import { availableParallelism } from 'node:os';
import { variable } from '../core/index.js';
import { coreQuota } from './quota.js';

/** What a choice of workers depends on, beside the function. */
export interface Machine {
  /** The cores that this process may use. */
  readonly cores: number;
  /** How many threads Node's own pool (libuv's) has. */
  readonly poolThreads: number;
}

/** Read once: it takes a dozen files, and every map asks. */
let quota: number | undefined;

/** Threads of Node's pool when `UV_THREADPOOL_SIZE` does not say otherwise. */
const POOL_THREADS = 4;

/**
 * The machine as this process sees it: affinity and the quota of its container count, half a core not.
 *
 * @example
 * ```ts run
 * import { thisMachine } from 'meantime/advisor';
 *
 * thisMachine().cores >= 1; // => true
 * ```
 */
export function thisMachine(): Machine {
  const asked = Number(variable('UV_THREADPOOL_SIZE'));
  quota ??= coreQuota();
  const cores = Math.max(1, Math.min(availableParallelism(), Math.floor(quota)));
  return { cores, poolThreads: Number.isInteger(asked) && asked > 0 ? Math.min(asked, 1024) : POOL_THREADS };
}
