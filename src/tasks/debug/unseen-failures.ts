import { clock } from '../../core/index.js';
import { FutureCell } from '../../futures/index.js';
import { debug, userFrames } from '../debug.js';
import type { TaskScope } from '../task.js';
import { warn } from './warn.js';

/** How long after the group has thrown there is to ask for the other failures, in ms. */
const PATIENCE = 1000;

/** What a thrown error stands for beside itself, until somebody asks. */
const unseen = new Map<object, readonly unknown[]>();
/** Whose failure an error is. */
const owners = new WeakMap<object, TaskScope>();
/** Futures at whose outcome somebody has looked, or will. */
const looked = new WeakSet<object>();

/** A task has failed. */
export function failed(task: TaskScope, error: unknown): void {
  if (typeof error === 'object' && error !== null && !owners.has(error)) owners.set(error, task);
}

/** The error `thrown` carries these other failures, which nobody sees unless they ask. */
export function carried(thrown: object, others: readonly unknown[]): void {
  if (!unseen.has(thrown)) clock.after(PATIENCE, () => tell(thrown), true);
  unseen.set(thrown, others);
}

/** Somebody asked for all failures behind this error. */
export function asked(error: unknown): void {
  unseen.delete(error as object);
}

function tell(thrown: object): void {
  const others = unseen.get(thrown) ?? [];
  unseen.delete(thrown);
  for (const error of others) {
    const task = typeof error === 'object' && error !== null ? owners.get(error) : undefined;
    if (task !== undefined && looked.has(task)) continue;
    warn(
      'UnseenFailure',
      'MEANTIME_UNSEEN_FAILURE',
      `${task?.title ?? 'Something'} has failed, and nobody saw it: another failure was thrown (${String(thrown)}), and this one was neither awaited nor asked for with failuresOf(error)`,
      [
        ['the failure', error instanceof Error ? withoutOwn(error.stack ?? String(error)) : `    ${String(error)}`],
        ['where it was spawned', task?.spawnedAt],
      ],
    );
  }
}

/** The text of an error, with the user's frames of its stack. */
const withoutOwn = (stack: string): string =>
  stack
    .split('\n')
    .filter((line) => !/^\s+at /.test(line) || userFrames(line).length > 0)
    .join('\n');

if (debug.on) {
  process.on('exit', () => {
    for (const thrown of [...unseen.keys()]) tell(thrown);
  });
  // Only here, and only in debug mode: that somebody has looked is nothing that a future has to remember.
  const { then, catch: caught, watch, result } = FutureCell.prototype;
  Object.assign(FutureCell.prototype, {
    // biome-ignore lint/suspicious/noThenProperty: it wraps the method of a thenable
    then(this: FutureCell<unknown>, ...args: Parameters<typeof then>) {
      looked.add(this);
      return then.apply(this, args);
    },
    catch(this: FutureCell<unknown>, ...args: Parameters<typeof caught>) {
      looked.add(this);
      return caught.apply(this, args);
    },
    watch(this: FutureCell<unknown>, fn: Parameters<typeof watch>[0]) {
      looked.add(this);
      watch.call(this, fn);
    },
    result(this: FutureCell<unknown>) {
      looked.add(this);
      return result.call(this);
    },
  });
}
