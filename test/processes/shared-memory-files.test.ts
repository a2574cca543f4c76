// The same without native code. It is asked for when the first block is made, so the order of imports does not matter.
import { checkSharedMemory } from './shared-memory-suite.js';

process.env.MEANTIME_NATIVE = 'off';
checkSharedMemory('files');
