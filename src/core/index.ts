export { allBare, bare, has, propertyOf, UTF8, variable, without } from './bare.js';
export { bindHere, guarded, listenHere, reportUncaught } from './callback.js';
export { type Clock, clock, type Timer, useClock } from './clock.js';
export { entriesOf, membersOf } from './contents.js';
export {
  contextHere,
  currentRunning,
  currentSignal,
  isImporting,
  type KeptContext,
  KeptController,
  keepContext,
  LazySignal,
  outside,
  poolDepth,
  type Running,
  runAs,
  setPoolDepth,
  setWorkerName,
  whileImporting,
  workerName,
} from './context.js';
export { type Coroutine, drive, isCoroutine, type Unwrapped } from './coroutine.js';
export { type Deferred, deferred } from './deferred.js';
export { Deque } from './deque.js';
export {
  AbandonedError,
  AlreadyStartedError,
  AuthenticationError,
  BrokenBarrierError,
  CancelledError,
  ConnectionClosedError,
  errorClasses,
  InputError,
  InternalError,
  MeantimeError,
  NoMethodError,
  NotCallableError,
  NotCloneableError,
  NotHeldError,
  NotPortableError,
  NotSettledError,
  OptionError,
  OutputError,
  QueueClosedError,
  RecursiveImportError,
  ResourceError,
  SelfWaitError,
  ShutdownError,
  TimeoutError,
  TooLargeError,
  WireError,
  type WorkerEnd,
  WorkerLostError,
  WorkerStartError,
  WouldBlockError,
} from './errors.js';
export { disown, type Follower, type Followers, follow } from './follow.js';
export { graftStack } from './graft-stack.js';
export { Heap } from './heap.js';
export { inherits } from './inherits.js';
export { isMain } from './is-main.js';
export { type LateErrorHook, onLateError, tellLate } from './late-error.js';
export { mustBe, some, some32 } from './must-be.js';
export { mustBeFunction, notCallable } from './must-be-function.js';
export { didYouMean, nearest } from './nearest.js';
export { onAbort } from './on-abort.js';
export {
  either,
  environment,
  finite,
  flag,
  func,
  kindOf,
  limit,
  list,
  milliseconds,
  type OptionCheck,
  type OptionTable,
  oneOf,
  readOptions,
  record,
  secret,
  show,
  signal,
  text,
  variablesOf,
  whole,
} from './options.js';
export { both, fields, instanceOf, listOf, maybe, type PartsCheck, sequence, sharedBytes, sharedMemory, textOf } from './parts.js';
export { Probe, type ProbeEvent } from './probe.js';
export { type Random, random, seeded, useRandom } from './random.js';
export { isSystemError, ours, refused, SHORT, whatToDo } from './resource.js';
export { RunCallbacks } from './run-callbacks.js';
export { Schedstat } from './schedstat.js';
export {
  hasShape,
  inShort,
  isAnything,
  isCount,
  isFlag,
  isText,
  messageOf,
  mustBeSaid,
  type Part,
} from './shape.js';
export { shown, shownJson, shownLines, shownSentence } from './shown.js';
export { socketOptions } from './socket-options.js';
export { filesAbove, withStackLimit } from './stack-limit.js';
export { threadBusy } from './thread-busy.js';
export { threadCpu, threadQueued } from './thread-cpu.js';
export { type Leaving, letLeave, type Parcel, stays, strayed, type Traveller, travels } from './travel.js';
export { VirtualClock } from './virtual-clock.js';
export { warningOf } from './warning-of.js';
export { writeAll } from './write-all.js';
export { YieldOnce } from './yield-once.js';
