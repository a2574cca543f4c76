export { type AsCompletedOptions, asCompleted, type Completed } from './as-completed.js';
export { Call, type CallOwner } from './call.js';
export { CallQueue } from './call-queue.js';
export { cancelWithCaller } from './cancel-with-caller.js';
export { endOf } from './end-of.js';
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
export { ExecutorBase, type ExecutorHost } from './executor-base.js';
export { cancellation, type Future, FutureCell, type FutureState, isFuture, watchFuture } from './future.js';
export { isThenable, mindPromises, mustBeInputs } from './inputs.js';
export type { ChunkSink, MapHost, Origin } from './map-host.js';
export { joinStacks, originAbove } from './origin.js';
export { ResultsBase } from './results.js';
export { Samples } from './samples.js';
export { deliveringSource, FutureSource, refused } from './source.js';
export { type Waited, type WaitOptions, wait } from './wait.js';
export { whenSettled } from './when-settled.js';
