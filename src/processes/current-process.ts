import { poolDepth, workerName } from '../core/index.js';

/** What is known of the process that this code runs in. */
export interface CurrentProcess {
  readonly pid: number;
  /** Of whoever started it. */
  readonly parentPid: number;
  /** What it was called when it was started; `main` for the program itself. */
  readonly name: string;
  /** Whether it is the program itself, and none that this package has started. */
  readonly isMain: boolean;
}

/**
 * The process that this code runs in.
 *
 * @example
 * ```ts run
 * import { currentProcess, Process } from 'meantime/processes';
 *
 * currentProcess().isMain; // => true
 * ```
 */
export function currentProcess(): CurrentProcess {
  return { pid: process.pid, parentPid: process.ppid, name: workerName() ?? 'main', isMain: poolDepth() === 0 };
}
