import { askForHeld } from '../debug/held-locks.js';
import { debug } from '../debug.js';
import type { Scope } from '../scope.js';
import { type TaskScope, taskOf } from '../task.js';
import type { Wait } from '../wait.js';
import type { Guard } from './guard.js';

/*
 * Who holds what, in debug mode only: so that a task that ends with a lock in its hands can be named.
 */
const guards = new WeakMap<TaskScope, Map<Guard, string>>();
const holders = new WeakMap<Guard, TaskScope>();
const places = new WeakMap<Wait<unknown>, string>();

/** Remembers where somebody began to wait for a guard: it is handed over in the stack of whoever releases it. */
export function asked(wait: Wait<unknown>): void {
  places.set(wait, debug.stack(asked));
}

/** A guard is held from now on, by the task of that scope. */
export function took(guard: Guard, scope: Scope | undefined): void {
  const task = taskOf(scope);
  if (task === undefined) return;
  holders.set(guard, task);
  const held = guards.get(task) ?? new Map<Guard, string>();
  guards.set(task, held.set(guard, debug.stack(took)));
}

/** It was handed to one who had waited for it. */
export function handed(guard: Guard, wait: Wait<unknown>): void {
  const task = holders.get(guard);
  const held = task && guards.get(task);
  const place = places.get(wait);
  if (place !== undefined && held?.has(guard)) held.set(guard, place);
}

/** It is not held any more. */
export function gave(guard: Guard): void {
  const task = holders.get(guard);
  if (task !== undefined) guards.get(task)?.delete(guard);
}

/** What a task took and has not given back, each with the stack of where that was; empty unless debug mode was on when it took it. */
export function heldBy(task: TaskScope): ReadonlyMap<Guard, string> {
  return guards.get(task) ?? new Map();
}

askForHeld(heldBy);
