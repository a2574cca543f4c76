import { currentScope } from './current.js';
import { type Task, taskOf } from './task.js';

/**
 * The task that this code runs in. Inside `withTimeout`, `withShield` and the like it is the task around them.
 *
 * @returns `undefined` outside any task, and in the body of a `run` or of a group that no task has opened.
 *
 * @example
 * ```ts run
 * import { currentTask, withTaskGroup } from 'meantime/tasks';
 *
 * await withTaskGroup((group) => {
 *   const task = group.spawn(function work() {
 *     return currentTask()?.name;
 *   });
 *   return task;
 * }); // => 'work'
 * ```
 */
export function currentTask(): Task<unknown> | undefined {
  return taskOf(currentScope()) as Task<unknown> | undefined;
}
