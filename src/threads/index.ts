export { currentSignal } from '../core/index.js';
export { portable, transfer } from '../wire/index.js';
export { ThreadPoolExecutor, type ThreadPoolOptions } from './thread-pool-executor.js';
export { toThread } from './to-thread.js';
