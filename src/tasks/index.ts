export { currentSignal, type LateErrorHook, onLateError } from '../core/index.js';
export { allTasks } from './all-tasks.js';
export type { CancelScope } from './block.js';
export { call } from './call.js';
export { cancellable } from './cancellable.js';
export { any } from './combine/any.js';
export { type DecorrelatedOptions, type Delay, decorrelated, type ExponentialOptions, exponential, fixed } from './combine/delays.js';
export { type Gathered, type GatherOptions, gather } from './combine/gather.js';
export { race } from './combine/race.js';
export { RateLimiter } from './combine/rate-limiter.js';
export type { RateRule } from './combine/rate-rule.js';
export { type RetryOptions, retry } from './combine/retry.js';
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
export { failuresOf } from './failures.js';
export { formatTasks } from './format-tasks.js';
export { type GroupOptions, type TaskGroup, withTaskGroup } from './group.js';
export { type RunOptions, run } from './run.js';
export { checkpoint, sleep } from './sleep.js';
export { Barrier } from './sync/barrier.js';
export { Condition } from './sync/condition.js';
export type { ConditionGuard } from './sync/condition-guard.js';
export { Event } from './sync/event.js';
export type { Guard } from './sync/guard.js';
export { LifoQueue } from './sync/lifo-queue.js';
export { Lock } from './sync/lock.js';
export { type PriorityOptions, PriorityQueue } from './sync/priority-queue.js';
export { type CloseOptions, Queue } from './sync/queue.js';
export { RwLock } from './sync/rw-lock.js';
export { Semaphore } from './sync/semaphore.js';
export type { Task } from './task.js';
export { TaskExecutor, type TaskExecutorOptions } from './task-executor.js';
export type { Awaitable } from './wait.js';
export { withCancelScope } from './with-cancel-scope.js';
export { type ShieldOptions, withShield } from './with-shield.js';
export { type TimeoutOptions, withDeadline, withTimeout } from './with-timeout.js';
