import type { TaskScope } from '../task.js';
import type { Wait } from '../wait.js';
import { warn } from './warn.js';

/** What a task holds, each with the stack of where it was taken. */
type HeldBy = (task: TaskScope) => ReadonlyMap<object, string>;

/** Who holds what is waited for. */
type HoldersOf = (wait: Wait<unknown>) => readonly TaskScope[];

let heldBy: HeldBy | undefined;
let holdersOf: HoldersOf | undefined;

/** Locks know who holds them, in debug mode, and stand above what knows when a task ends: they say here whom to ask. */
export function askForHeld(held: HeldBy, holders: HoldersOf): void {
  heldBy = held;
  holdersOf = holders;
}

/** ` (held by …)`, if this wait is for something that tasks hold, and it is known. */
export function heldText(wait: Wait<unknown>): string {
  const holders = holdersOf?.(wait) ?? [];
  return holders.length === 0 ? '' : ` (held by ${holders.map((task) => task.title).join(' and ')})`;
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
