/*
 * `meantime/testing`: suites that hold executors, locks and queues to what they promise.
 */
export { type CheckedPromise, checkExecutor, type ExecutorUnderTest, type MakeOptions } from './check-executor.js';
export { checkLock, type LockCheckOptions } from './check-lock.js';
export { checkQueue, type QueueCheckOptions } from './check-queue.js';
export type { HeldLock, LockAbility, LockUnderTest } from './lock-rig.js';
export type { Ability } from './promise.js';
export type { QueueAbility, QueueOrder, QueueUnderTest } from './queue-rig.js';
export type { SuiteOptions } from './suite.js';
