import { askForHeld } from '../debug/held-locks.js';
import { debug } from '../debug.js';
import type { Scope } from '../scope.js';
import { type TaskScope, taskOf } from '../task.js';
import type { Wait } from '../wait.js';
import type { Guard, GuardOwner } from './guard.js';

/*
 * Who holds what, in debug mode only: so that a task that ends with a lock in its hands can be named.
 */
const guards = new WeakMap<TaskScope, Map<Guard, string>>();
const holders = new WeakMap<Guard, TaskScope>();
const places = new WeakMap<Wait<unknown>, string>();
/** What is waited for, and the guards of it that are held. */
const wanted = new WeakMap<Wait<unknown>, GuardOwner>();
const given = new WeakMap<GuardOwner, Set<Guard>>();

/**
 * Remembers where somebody began to wait for a guard: it is handed over in the stack of whoever releases it.
 *
 * @param owner What it is waited for; a condition's notification is nobody's.
 */
export function asked(wait: Wait<unknown>, owner?: GuardOwner): void {
  places.set(wait, debug.stack(asked));
  if (owner !== undefined) wanted.set(wait, owner);
}

/** A guard is held from now on, by the task of that scope. */
export function took(guard: Guard, owner: GuardOwner, scope: Scope | undefined): void {
  const task = taskOf(scope);
  if (task === undefined) return;
  given.set(owner, (given.get(owner) ?? new Set()).add(guard));
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
export function gave(guard: Guard, owner: GuardOwner): void {
  const task = holders.get(guard);
  if (task === undefined) return;
  guards.get(task)?.delete(guard);
  given.get(owner)?.delete(guard);
}

/** Who holds what somebody waits for. */
export function holdersOf(wait: Wait<unknown>): TaskScope[] {
  const owner = wanted.get(wait);
  const held = [...((owner && given.get(owner)) ?? [])].map((guard) => holders.get(guard) as TaskScope);
  return [...new Set(held)];
}

/** What a task took and has not given back, each with the stack of where that was; empty unless debug mode was on when it took it. */
export function heldBy(task: TaskScope): ReadonlyMap<Guard, string> {
  return guards.get(task) ?? new Map();
}

askForHeld(heldBy, holdersOf);
