import { ProcessPoolExecutor } from '../../dist/processes/index.js';
import { openPool } from './meantime-pool.mjs';

export const open = (options) => openPool(ProcessPoolExecutor, options);
