import { Worker } from 'node:worker_threads';

/** How often the watcher looks, in ms. */
const EVERY = 500;

/**
 * Ends this process when its parent is gone, also while a call keeps its event loop busy: the end of the socket reaches only a loop that turns.
 * A thread looks at the parent's id, which changes when the parent dies (or, where it does not change, asks whether it lives), and sleeps in between. It has to be started
 * before the first call, which may be such a loop: a loop lets nothing start.
 *
 * @param parent Told by the parent itself: it may be gone before this process can ask who it was.
 */
export function watchParent(parent: number): void {
  if (process.ppid !== parent) process.exit(0);
  const watcher = new Worker(
    `const { workerData: { parent, every } } = require('node:worker_threads');
     const sleeper = new Int32Array(new SharedArrayBuffer(4));
     const gone = () => {
       if (process.ppid !== parent) return true;
       try { process.kill(parent, 0); return false; } catch (error) { return error.code === 'ESRCH'; }
     };
     while (!gone()) Atomics.wait(sleeper, 0, 0, every);
     process.kill(process.pid, 'SIGKILL');`,
    {
      eval: true,
      workerData: { parent, every: EVERY },
      execArgv: [],
      env: {},
      name: 'watches the parent',
      resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
    },
  );
  watcher.unref();
}
