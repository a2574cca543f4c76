import { scheduler } from './scheduler.js';
import type { Scope } from './scope.js';
import type { TaskScope } from './task.js';
import type { Wait } from './wait.js';

/*
 * What can be said of a scope from outside. Only types of the kernel are imported: the kernel's own files use this.
 */

/** The task that a scope belongs to: of all scopes, only a task is no block. */
export function taskAround(scope: Scope | undefined): TaskScope | undefined {
  let at = scope;
  while (at?.isBlock) at = at.outer;
  return at as TaskScope | undefined;
}

/** A task's name; of a block also the task it is in. */
export function titleWithin(scope: Scope): string {
  const task = taskAround(scope);
  return task === undefined || task === scope ? scope.title : `${scope.title} in ${task.title}`;
}

/** A scope and the blocks inside it that are part of the same task, outermost first. */
export function* ownScopes(scope: Scope): Generator<Scope, void, undefined> {
  const left: Scope[] = [scope];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    yield at;
    for (let inner = at.last; inner !== undefined; inner = inner.left) if (inner.isBlock) left.push(inner);
  }
}

/** The scopes of all that is in the scheduler's queue, as far as it is known. */
export function dueScopes(): ReadonlySet<unknown> {
  const due = new Set<unknown>();
  for (const item of scheduler.ready) {
    due.add(item);
    due.add(item.scope);
    due.add((item as Wait<unknown>).fiber?.scope);
  }
  return due;
}

/** Where a body is that has begun. `parked`: it awaits what is no wait of ours, a promise of somebody else's. */
export type BodyState = 'waiting' | 'due' | 'closing' | 'inside' | 'parked';

/** @param due As `dueScopes()` gives it. */
export function bodyState(scope: Scope, due: ReadonlySet<unknown>): BodyState {
  if (scope.parked !== undefined) return 'waiting';
  if (due.has(scope)) return 'due';
  if (scope.closing) return 'closing';
  // A block of its own that is open: most likely it is in there.
  for (let at = scope.last; at !== undefined; at = at.left) if (at.isBlock) return 'inside';
  return 'parked';
}
