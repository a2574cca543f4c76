import { registerKind } from '../wire/far.js';
import { makeAtomicBigInt64 } from './shared/atomic-big-int64.js';
import { makeAtomicCell } from './shared/atomic-cell.js';
import { makeAtomicInt32 } from './shared/atomic-int32.js';
import { makeSharedArray } from './shared/shared-array.js';
import { SharedBarrier } from './shared/shared-barrier.js';
import { SharedCondition } from './shared/shared-condition.js';
import { SharedEvent } from './shared/shared-event.js';
import { SharedLock } from './shared/shared-lock.js';
import { SharedQueue } from './shared/shared-queue.js';
import { SharedReentrantLock } from './shared/shared-reentrant-lock.js';
import { SharedRwLock } from './shared/shared-rw-lock.js';
import { SharedSemaphore } from './shared/shared-semaphore.js';
import { makeStruct, makeStructArray } from './shared/struct/struct.js';

/* How the handles of this room are made again where they arrive. Loaded when the first of them does. */

const ofMemory = { SharedBarrier, SharedEvent, SharedLock, SharedReentrantLock, SharedRwLock, SharedSemaphore };
for (const [name, Class] of Object.entries(ofMemory)) registerKind(`threads/${name}`, (memory: SharedArrayBuffer) => new Class(memory));

registerKind(
  'threads/SharedCondition',
  ({ lock, memory }: { lock: SharedLock; memory: SharedArrayBuffer }) => new SharedCondition(lock, memory),
);
registerKind('threads/AtomicCell', makeAtomicCell);
registerKind('threads/AtomicInt32', makeAtomicInt32);
registerKind('threads/AtomicBigInt64', makeAtomicBigInt64);
registerKind('threads/SharedArray', makeSharedArray);
registerKind('threads/struct', makeStruct);
registerKind('threads/StructArray', makeStructArray);
registerKind('threads/SharedQueue', (parts: ConstructorParameters<typeof SharedQueue>[0]) => new SharedQueue(parts as never));
