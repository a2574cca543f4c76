export { inheritedExecArgv, workerEnv } from './exec-argv.js';
export type { Shot } from './one-shot.js';
export { OneShotFuture } from './one-shot-future.js';
export { type OneShotOptions, oneShotTable, readOneShot, shotOf } from './one-shot-options.js';
export { Pool } from './pool.js';
export { PoolExecutor, type PoolSize, type WorkerUsage } from './pool-executor.js';
export { type PoolOptions, poolTable, processTable } from './pool-options.js';
export { Tail } from './tail.js';
export type { Link, LinkEnd, LinkEvents, LinkUsage, Transport } from './transport.js';
