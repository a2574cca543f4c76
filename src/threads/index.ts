export { currentSignal } from '../core/index.js';
export { portable, transfer } from '../wire/index.js';
export { activeThreads } from './active-threads.js';
export { type CurrentThread, currentThread } from './current-thread.js';
export { Thread, type ThreadOptions, type ThreadStarter } from './thread.js';
export { ThreadPoolExecutor, type ThreadPoolOptions } from './thread-pool-executor.js';
export { Timer, type TimerOptions } from './timer.js';
export { toThread } from './to-thread.js';
