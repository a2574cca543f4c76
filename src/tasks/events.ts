import { currentScope } from './current.js';
import { checkHeld } from './debug/held-locks.js';
import { notePlace } from './debug/last-await.js';
import { timed } from './debug/slow-steps.js';
import { failed } from './debug/unseen-failures.js';
import { debug } from './debug.js';
import { taskAround } from './scope-state.js';
import type { TaskScope } from './task.js';
import { probe } from './told.js';
import type { Wait } from './wait.js';
import { reasonOf, whatFor } from './waited-for.js';

/*
 * What happens to tasks, for whoever has subscribed to the diagnostics channel `meantime:tasks`, and for debug mode. Each event has `what`, the task's `id`, its `parent`'s and
 * the time `at`. A task is suspended when a wait of ours begins in it, and resumed when that is over: of an `await` of somebody else's promise nobody is told, and an async function may be in several waits at
 * once. The kernel calls these functions only if `told.active`.
 */

function tell(what: string, task: TaskScope, details: object = {}): void {
  if (probe.active) probe.publish({ what, id: task.id, parent: task.parent?.id, name: task.name, ...details });
}

/** The tasks of waits that are in no scope: they cannot be cut off, and so need none. */
const tasks = new WeakMap<Wait<unknown>, TaskScope>();

export function spawned(task: TaskScope): void {
  tell('spawn', task);
}

/** Tells it, and begins the task. */
export function started(task: TaskScope, ...body: Parameters<TaskScope['beginIn']>): void {
  tell('start', task);
  if (debug.on) timed(task, begin, task, ...body);
  else task.beginIn(...body);
}

function begin(task: TaskScope, ...body: Parameters<TaskScope['beginIn']>): void {
  task.beginIn(...body);
}

export function suspended(wait: Wait<unknown>): void {
  const scope = wait.scope ?? currentScope();
  const task = taskAround(scope);
  if (task === undefined) return;
  if (wait.scope === undefined) tasks.set(wait, task);
  if (debug.on && scope !== undefined) notePlace(scope);
  tell('suspend', task, { reason: reasonOf(wait), on: whatFor(wait) });
}

export function resumed(wait: Wait<unknown>): void {
  const task = taskAround(wait.scope) ?? tasks.get(wait);
  if (task !== undefined) tell('resume', task, { reason: reasonOf(wait) });
}

const outcomes = { fulfilled: 'ok', rejected: 'error', cancelled: 'cancelled' } as const;

export function ended(task: TaskScope, state: keyof typeof outcomes, value: unknown): void {
  if (debug.on) {
    checkHeld(task);
    if (state === 'rejected') failed(task, value);
  }
  tell('end', task, { outcome: outcomes[state] });
}
