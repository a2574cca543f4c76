export { currentSignal } from '../core/index.js';
export { portable, transfer } from '../wire/index.js';
export { SharedGuard } from './shared/shared-guard.js';
export { SharedLock } from './shared/shared-lock.js';
export type { BlockLimits, WaitLimits } from './shared/waiting.js';
export { ThreadPoolExecutor, type ThreadPoolOptions } from './thread-pool-executor.js';
export { toThread } from './to-thread.js';
