/*
 * `meantime/testing`: suites that hold executors to what they promise.
 */
export { type CheckedPromise, checkExecutor, type ExecutorUnderTest, type MakeOptions } from './check-executor.js';
export type { Ability } from './promise.js';
