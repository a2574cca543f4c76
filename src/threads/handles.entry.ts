import { registerKind } from '../wire/far.js';
import { SharedBarrier } from './shared/shared-barrier.js';
import { SharedCondition } from './shared/shared-condition.js';
import { SharedEvent } from './shared/shared-event.js';
import { SharedLock } from './shared/shared-lock.js';
import { SharedReentrantLock } from './shared/shared-reentrant-lock.js';
import { SharedRwLock } from './shared/shared-rw-lock.js';
import { SharedSemaphore } from './shared/shared-semaphore.js';

/* How the handles of this room are made again where they arrive. Loaded when the first of them does. */

const ofMemory = { SharedBarrier, SharedEvent, SharedLock, SharedReentrantLock, SharedRwLock, SharedSemaphore };
for (const [name, Class] of Object.entries(ofMemory)) registerKind(`threads/${name}`, (memory: SharedArrayBuffer) => new Class(memory));

registerKind(
  'threads/SharedCondition',
  ({ lock, memory }: { lock: SharedLock; memory: SharedArrayBuffer }) => new SharedCondition(lock, memory),
);
