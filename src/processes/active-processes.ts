import type { Process } from './process.js';

const processes = new Set<Process<unknown>>();

/** @internal A process is active until it is gone. */
export function keepActive(process: Process<unknown>): () => void {
  processes.add(process);
  return () => void processes.delete(process);
}

/**
 * The processes that `Process.start` has started from here and that are not gone yet, in the order of their starts; those of pools are the pools' own.
 *
 * @example
 * ```ts run
 * import { activeProcesses, Process } from 'meantime/processes';
 *
 * const child = Process.start(() => 'done');
 * activeProcesses().includes(child); // => true
 * await child.join();
 * activeProcesses().includes(child); // => false
 * ```
 */
export function activeProcesses(): Process<unknown>[] {
  return [...processes];
}
