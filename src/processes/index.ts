export { currentSignal } from '../core/index.js';
export { portable, transfer } from '../wire/index.js';
export { SharedMemory, type SharedMemoryOptions, type SharedMemorySupport } from './memory/shared-memory.js';
export { ProcessPoolExecutor, type ProcessPoolOptions } from './process-pool-executor.js';
export type { ProcessOptions } from './process-transport.js';
export { toProcess } from './to-process.js';
