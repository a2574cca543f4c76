import type { TaskScope } from '../task.js';
import { warn } from './warn.js';

/** What a task holds, each with the stack of where it was taken. */
type HeldBy = (task: TaskScope) => ReadonlyMap<object, string>;

let heldBy: HeldBy | undefined;

/** Locks know who holds them, in debug mode, and stand above what knows when a task ends: they say here whom to ask. */
export function askForHeld(fn: HeldBy): void {
  heldBy = fn;
}

/** A task has ended. */
export function checkHeld(task: TaskScope): void {
  for (const [, takenAt] of heldBy?.(task) ?? []) {
    warn(
      'LockHeld',
      'MEANTIME_LOCK_HELD',
      `${task.title} has ended and still holds a lock: who waits for it waits for ever. Declare the guard with \`using\`, or use with()`,
      [
        ['where it was taken', takenAt],
        ['where the task was spawned', task.spawnedAt],
      ],
    );
  }
}
