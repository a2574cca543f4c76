export { currentSignal } from '../core/index.js';
export { portable, transfer } from '../wire/index.js';
export { activeProcesses } from './active-processes.js';
export { type CurrentProcess, currentProcess } from './current-process.js';
export { Process, type ProcessStarter, type ProcessStartOptions } from './process.js';
export type { Stdio } from './process-link.js';
export { ProcessPoolExecutor, type ProcessPoolOptions } from './process-pool-executor.js';
export type { ProcessOptions } from './process-transport.js';
export { toProcess } from './to-process.js';
