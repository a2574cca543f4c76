import { registerKind } from '../wire/far.js';
import { makeAtomicBigInt64 } from './shared/atomic-big-int64.js';
import { makeAtomicCell } from './shared/atomic-cell.js';
import { makeAtomicInt32 } from './shared/atomic-int32.js';
import { makeSharedArray } from './shared/shared-array.js';
import { SharedLock } from './shared/shared-lock.js';
import { makeStruct, makeStructArray } from './shared/struct/struct.js';

/* How the handles of this room are made again where they arrive. Loaded when the first of them does. */

registerKind('threads/SharedLock', (memory: SharedArrayBuffer) => new SharedLock(memory));
registerKind('threads/AtomicCell', makeAtomicCell);
registerKind('threads/AtomicInt32', makeAtomicInt32);
registerKind('threads/AtomicBigInt64', makeAtomicBigInt64);
registerKind('threads/SharedArray', makeSharedArray);
registerKind('threads/struct', makeStruct);
registerKind('threads/StructArray', makeStructArray);
