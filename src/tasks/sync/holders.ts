import { debug } from '../debug.js';
import type { Scope } from '../scope.js';
import { type TaskScope, taskOf } from '../task.js';
import type { Guard } from './guard.js';

/*
 * Who holds what, in debug mode only: so that a task that ends with a lock in its hands can be named.
 */
const guards = new WeakMap<TaskScope, Map<Guard, string>>();
const holders = new WeakMap<Guard, TaskScope>();

export function took(guard: Guard, scope: Scope | undefined): void {
  const task = taskOf(scope);
  if (task === undefined) return;
  holders.set(guard, task);
  const held = guards.get(task) ?? new Map<Guard, string>();
  guards.set(task, held.set(guard, debug.stack(took)));
}

export function gave(guard: Guard): void {
  const task = holders.get(guard);
  if (task !== undefined) guards.get(task)?.delete(guard);
}

/** What a task took and has not given back, each with the stack of where that was; empty unless debug mode was on when it took it. */
export function heldBy(task: TaskScope): ReadonlyMap<Guard, string> {
  return guards.get(task) ?? new Map();
}
