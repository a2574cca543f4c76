import { fields, instanceOf, sharedBytes } from '../core/index.js';
import { registerKind } from '../wire/far.js';
import { makeAtomicBigInt64 } from './shared/atomic-big-int64.js';
import { cellIn, makeAtomicCell } from './shared/atomic-cell.js';
import { makeAtomicInt32 } from './shared/atomic-int32.js';
import { BARRIER_WORDS } from './shared/barrier-core.js';
import { CONDITION_WORDS } from './shared/condition-core.js';
import { EVENT_WORDS } from './shared/event-core.js';
import { LOCK_WORDS } from './shared/lock-core.js';
import { isQueue } from './shared/queue/is-queue.js';
import { RW_LOCK_WORDS } from './shared/rw-lock-core.js';
import { SEMAPHORE_WORDS } from './shared/semaphore-core.js';
import { arrayIn, makeSharedArray } from './shared/shared-array.js';
import { SharedBarrier } from './shared/shared-barrier.js';
import { SharedCondition } from './shared/shared-condition.js';
import { SharedEvent } from './shared/shared-event.js';
import { SharedLock } from './shared/shared-lock.js';
import { SharedQueue } from './shared/shared-queue.js';
import { REENTRANT_LOCK_WORDS, SharedReentrantLock } from './shared/shared-reentrant-lock.js';
import { SharedRwLock } from './shared/shared-rw-lock.js';
import { SharedSemaphore } from './shared/shared-semaphore.js';
import { makeStruct, makeStructArray, recordsIn } from './shared/struct/struct.js';

/* How the handles of this room are made again where they arrive. Loaded when the first of them does. */

const ofMemory = {
  SharedBarrier: [SharedBarrier, BARRIER_WORDS],
  SharedEvent: [SharedEvent, EVENT_WORDS],
  SharedLock: [SharedLock, LOCK_WORDS],
  SharedReentrantLock: [SharedReentrantLock, REENTRANT_LOCK_WORDS],
  SharedRwLock: [SharedRwLock, RW_LOCK_WORDS],
  SharedSemaphore: [SharedSemaphore, SEMAPHORE_WORDS],
} as const;
for (const [name, [Class, words]] of Object.entries(ofMemory))
  registerKind(`threads/${name}`, sharedBytes(words * 4), (memory: SharedArrayBuffer) => new Class(memory));

registerKind(
  'threads/SharedCondition',
  fields({ lock: instanceOf(SharedLock), memory: sharedBytes(CONDITION_WORDS * 4) }),
  ({ lock, memory }: { lock: SharedLock; memory: SharedArrayBuffer }) => new SharedCondition(lock, memory),
);
registerKind('threads/AtomicCell', cellIn(), makeAtomicCell);
registerKind('threads/AtomicInt32', cellIn('i32'), makeAtomicInt32);
registerKind('threads/AtomicBigInt64', cellIn('i64'), makeAtomicBigInt64);
registerKind('threads/SharedArray', arrayIn, makeSharedArray);
registerKind('threads/struct', recordsIn, makeStruct);
registerKind('threads/StructArray', recordsIn, makeStructArray);
registerKind('threads/SharedQueue', isQueue, (parts: ConstructorParameters<typeof SharedQueue>[0]) => new SharedQueue(parts as never));
