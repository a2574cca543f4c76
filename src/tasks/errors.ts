import { MeantimeError, SelfWaitError } from '../core/index.js';

export { BrokenBarrierError, NotCallableError, NotHeldError, QueueClosedError, SelfWaitError } from '../core/index.js';

/** Nothing can ever wake what a `run` waits for: no timer, no IO and no other work is left in the process. Has the tree of tasks in its message. */
export class DeadlockError extends MeantimeError {
  static override readonly label = 'DeadlockError';
  override readonly code: string = 'MEANTIME_DEADLOCK';
}

/** A task was to be spawned in a group that has ended. */
export class GroupClosedError extends MeantimeError {
  static override readonly label = 'GroupClosedError';
  override readonly code: string = 'MEANTIME_GROUP_CLOSED';
}

/** A scope gave up, after its `grace`, on work that did not react to its cancellation. */
export class TaskAbandonedError extends MeantimeError {
  static override readonly label = 'TaskAbandonedError';
  override readonly code: string = 'MEANTIME_TASK_ABANDONED';
}

export const selfWait = (title: string): SelfWaitError =>
  new SelfWaitError(
    `A task waits for ${title}, which it is part of: it would wait for ever. Expected another task, or a block that has been left`,
  );

/** `run` inside of `run`: there is a runtime already. */
export class NestedRunError extends MeantimeError {
  static override readonly label = 'NestedRunError';
  override readonly code: string = 'MEANTIME_NESTED_RUN';
}
