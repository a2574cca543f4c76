import { type Task, TaskScope } from './task.js';
import { below, roots } from './tree.js';

/**
 * All tasks of this thread that have not ended, in the order of the tree: parents first, then children in the order in which they were spawned.
 *
 * @example
 * ```ts run
 * import { allTasks, run } from 'meantime/tasks';
 *
 * await run(function main() {
 *   return allTasks().map((task) => task.name);
 * }); // => ['main']
 * ```
 */
export function allTasks(): Task<unknown>[] {
  const all: Task<unknown>[] = [];
  for (const root of roots) {
    if (root instanceof TaskScope) all.push(root as unknown as Task<unknown>);
    for (const scope of below(root)) if (scope instanceof TaskScope) all.push(scope as unknown as Task<unknown>);
  }
  return all;
}
