import { portable } from '../wire/index.js';
import type { Manager } from './manager/manager.js';
import { openManager } from './manager/open-manager.js';
import { ProcessPoolExecutor, type ProcessPoolOptions } from './process-pool-executor.js';

/** Where `openManager` is exported, relative to any folder of the package that is one deep: source and bundle alike. */
const entry = new URL('../processes/handles.entry.js', import.meta.url).href;

/** How the process of a manager is made. */
export type ManagerOptions = Pick<ProcessPoolOptions, 'env' | 'cwd' | 'execArgv' | 'memoryLimit' | 'name'>;

/** Starts a process with nothing in it but a manager. */
export async function startManager(options: ManagerOptions): Promise<{ manager: Manager; end(): Promise<void> }> {
  const pool = new ProcessPoolExecutor({ ...options, workers: 1, idleTimeout: Number.POSITIVE_INFINITY });
  try {
    const manager = await pool.submit(portable(entry, 'openManager', openManager));
    return { manager, end: () => pool.shutdown({ cancelPending: true, grace: 0 }) };
  } catch (error) {
    await pool.shutdown();
    throw error;
  }
}
