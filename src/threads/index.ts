export { currentSignal } from '../core/index.js';
export type { PoolSize, WorkerUsage } from '../pool/index.js';
export { portable, transfer } from '../wire/index.js';
export { activeThreads } from './active-threads.js';
export { type CurrentThread, currentThread } from './current-thread.js';
export { AtomicBigInt64 } from './shared/atomic-big-int64.js';
export { AtomicCell } from './shared/atomic-cell.js';
export { AtomicInt32 } from './shared/atomic-int32.js';
export type {
  AnyArray,
  ArrayOfKind,
  BigKind,
  HalfFloats,
  IntegerKind,
  NumberKind,
  NumberOf,
} from './shared/kinds.js';
export { type AtomicOf, SharedArray } from './shared/shared-array.js';
export { SharedBarrier } from './shared/shared-barrier.js';
export { SharedCondition } from './shared/shared-condition.js';
export { SharedConditionGuard } from './shared/shared-condition-guard.js';
export { SharedEvent } from './shared/shared-event.js';
export { SharedGuard } from './shared/shared-guard.js';
export { SharedLock } from './shared/shared-lock.js';
export { SharedQueue, type SharedQueueCloseOptions, type SharedQueueOptions } from './shared/shared-queue.js';
export { SharedReentrantLock } from './shared/shared-reentrant-lock.js';
export { SharedRwLock } from './shared/shared-rw-lock.js';
export { SharedSemaphore } from './shared/shared-semaphore.js';
export type {
  AnyStruct,
  ArrayType,
  AtomicView,
  FieldAtomic,
  FieldInit,
  FieldPlace,
  FieldType,
  FieldValue,
  RecordMethods,
  Schema,
  SchemaOf,
  StructClass,
  StructInit,
  StructRecord,
  TextType,
} from './shared/struct/schema.js';
export { array, sizeOf, struct, text } from './shared/struct/struct.js';
export type { StructArray } from './shared/struct/struct-array.js';
export type { ValueWaited } from './shared/wait-on.js';
export type { BlockLimits, WaitLimits } from './shared/waiting.js';
export { Thread, type ThreadOptions, type ThreadStarter } from './thread.js';
export { ThreadPoolExecutor, type ThreadPoolOptions } from './thread-pool-executor.js';
export { Timer, type TimerOptions } from './timer.js';
export { toThread } from './to-thread.js';
