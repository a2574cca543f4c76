import { workerName } from '../core/index.js';

/** What is known of the thread that this code runs on. */
export interface CurrentThread {
  /** Node's number of it; 0 for the main thread. */
  readonly threadId: number;
  /** What it was called when it was started; `main` for the main thread, also for that of another process, and '' for a thread that somebody else has started. */
  readonly name: string;
  readonly isMain: boolean;
}

/**
 * The thread that this code runs on.
 *
 * @example
 * ```ts run
 * import { currentThread, Thread } from 'meantime/threads';
 *
 * currentThread(); // => { threadId: 0, name: 'main', isMain: true }
 * ```
 */
export function currentThread(): CurrentThread {
  const { threadId, isMainThread } = process.getBuiltinModule('node:worker_threads');
  return Object.freeze({ threadId, name: isMainThread ? 'main' : (workerName() ?? ''), isMain: isMainThread });
}
