export { currentSignal } from '../core/index.js';
export { TaskExecutor, type TaskExecutorOptions } from './task-executor.js';
