import { registerKind } from '../wire/far.js';
import { SharedLock } from './shared/shared-lock.js';

/* How the handles of this room are made again where they arrive. Loaded when the first of them does. */

registerKind('threads/SharedLock', (memory: SharedArrayBuffer) => new SharedLock(memory));
