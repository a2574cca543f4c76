import { bare, clock, shownSentence } from '../core/index.js';
import { UsageError } from './exit-code.js';

/**
 * How much longer than the time that is given a loop may hold this thread before the process is
 * ended, in ms: an import that waits is ended by this thread itself.
 */
const LATER = 500;

/**
 * Imports the module of the command's function. An import that waits for what never comes ends with
 * a UsageError when `ms` have passed. A loop at the module's top holds this thread for good, and
 * with it everything that could say so: then another thread does, and kills the process.
 */
export async function importWithin(module: string, url: string, ms: number): Promise<Record<string, unknown>> {
  if (ms === Number.POSITIVE_INFINITY) return import(url);
  const text = `Importing ${module} had not ended after ${ms} ms. A loop, or an await that never ends, at the top of that module is the most likely reason; a slow one is given more time with --start-timeout`;
  const endWatch = watchFromOutside(`${shownSentence(`meantime: ${text}`)}\n`, ms + LATER);
  let leave = () => {};
  const late = new Promise<never>((_, reject) => {
    const timer = clock.after(ms, () => reject(new UsageError(text)));
    leave = () => timer.cancel();
  });
  try {
    return await Promise.race([import(url), late]);
  } finally {
    leave();
    endWatch();
  }
}

function watchFromOutside(text: string, ms: number): () => void {
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const watcher = new Worker(
    `const { workerData: { text, ms } } = require('node:worker_threads');
     setTimeout(() => {
       try { require('node:fs').writeSync(2, text); } finally { process.kill(process.pid, 'SIGKILL'); }
     }, ms);`,
    bare({
      eval: true,
      workerData: { text, ms },
      execArgv: [],
      env: {},
      name: 'watches an import',
      resourceLimits: bare({ maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 }),
    }),
  );
  watcher.unref();
  return () => void watcher.terminate();
}
