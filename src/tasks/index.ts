import './adopt.js';

export { currentSignal } from '../core/index.js';
export { allTasks } from './all-tasks.js';
export type { CancelScope } from './block.js';
export { call } from './call.js';
export { cancellable } from './cancellable.js';
export { currentTask } from './current-task.js';
export { now } from './deadline.js';
export { type DeferOptions, defer } from './defer.js';
export {
  BrokenBarrierError,
  DeadlockError,
  GroupClosedError,
  NestedRunError,
  NotCallableError,
  NotHeldError,
  QueueClosedError,
  SelfWaitError,
  TaskAbandonedError,
} from './errors.js';
export { failuresOf, type LateErrorHook, onLateError } from './failures.js';
export { formatTasks } from './format-tasks.js';
export { type GroupOptions, type TaskGroup, withTaskGroup } from './group.js';
export { type RunOptions, run } from './run.js';
export { checkpoint, sleep } from './sleep.js';
export { Event } from './sync/event.js';
export type { Guard } from './sync/guard.js';
export { Lock } from './sync/lock.js';
export { type CloseOptions, Queue } from './sync/queue.js';
export { Semaphore } from './sync/semaphore.js';
export type { Task } from './task.js';
export { TaskExecutor, type TaskExecutorOptions } from './task-executor.js';
export type { Awaitable } from './wait.js';
export { withCancelScope } from './with-cancel-scope.js';
export { type ShieldOptions, withShield } from './with-shield.js';
export { type TimeoutOptions, withDeadline, withTimeout } from './with-timeout.js';
