import type { Thread } from './thread.js';

const threads = new Set<Thread<unknown>>();

/** @internal A thread is active until it is gone. */
export function keepActive(thread: Thread<unknown>): () => void {
  threads.add(thread);
  return () => void threads.delete(thread);
}

/**
 * The threads that `Thread.start` has started from here and that are not gone yet, in the order of their starts. Each thread sees those that it started itself; those of pools
 * are the pools' own.
 *
 * @example
 * ```ts run
 * import { activeThreads, Thread } from 'meantime/threads';
 *
 * const thread = Thread.start(() => 'done');
 * activeThreads().includes(thread); // => true
 * await thread.join();
 * activeThreads().includes(thread); // => false
 * ```
 */
export function activeThreads(): Thread<unknown>[] {
  return [...threads];
}
