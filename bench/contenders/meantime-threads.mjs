import { ThreadPoolExecutor } from '../../dist/threads/index.js';
import { openPool } from './meantime-pool.mjs';

export const open = (options) => openPool(ThreadPoolExecutor, options);
