/*
 * Meantime: the everyday names of all rooms. Each room has a door of its own with the rest: meantime/futures, /tasks, /threads,
 * /processes, /batch, /testing. The floors, top to bottom: cli · batch · threads, processes · tasks, pool · futures, wire · core.
 */
export { map } from './batch/index.js';
export {
  CancelledError,
  currentSignal,
  InputError,
  InternalError,
  isMain,
  MeantimeError,
  NotCloneableError,
  NotPortableError,
  NotSettledError,
  OptionError,
  OutputError,
  RecursiveImportError,
  ShutdownError,
  TimeoutError,
  WireError,
  WorkerLostError,
  WorkerStartError,
} from './core/index.js';
export {
  asCompleted,
  type CallOptions,
  type Executor,
  type ExecutorStats,
  type Future,
  FutureSource,
  type MapOptions,
  type Results,
  type Settled,
  wait,
  whenSettled,
} from './futures/index.js';
export { ProcessPoolExecutor, toProcess } from './processes/index.js';
export { TaskExecutor } from './tasks/index.js';
export { portable, ThreadPoolExecutor, toThread, transfer } from './threads/index.js';
