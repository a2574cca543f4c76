/*
 * `meantime/futures`: what users see of this room. `index.ts` is its door for other rooms and holds more.
 */
export { type AsCompletedOptions, asCompleted, type Completed } from './as-completed.js';
export type {
  AnyFunction,
  CallOptions,
  Executor,
  ExecutorStats,
  MapOptions,
  Percentiles,
  Results,
  Settled,
  ShutdownOptions,
} from './executor.js';
export { type Future, type FutureState, isFuture } from './future.js';
export { FutureSource } from './source.js';
export { type Waited, type WaitOptions, wait } from './wait.js';
export { whenSettled } from './when-settled.js';
