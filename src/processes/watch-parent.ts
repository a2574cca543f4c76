import { bare } from '../core/index.js';

/** How often the watcher looks, in ms. */
const EVERY = 500;

/**
 * A thread that ends this process when its parent is gone, also while a call keeps its event loop busy: the end of the socket reaches only a loop that turns.
 * It looks at the parent's id, which changes when the parent dies (or, where it does not change, asks whether it lives), and at the socket: it has ended if that was a
 * thread of a process that lives on. It sleeps in between, and does not block in a read, which an exit could not interrupt. It has to be started before the first
 * call, which may be such a loop: a loop lets nothing start.
 *
 * @param fd A socket to the parent, not blocking, from which nothing ever comes but its end.
 */
export function watchParent(parent: number, fd: number): void {
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const watcher = new Worker(
    `const { workerData: { parent, fd, every } } = require('node:worker_threads');
     const { readSync } = require('node:fs');
     const sleeper = new Int32Array(new SharedArrayBuffer(4));
     const byte = new Uint8Array(1);
     const answers = (ask, missing) => {
       try { return ask(); } catch (error) { return error.code !== missing; }
     };
     const lives = () =>
       process.ppid === parent && answers(() => process.kill(parent, 0), 'ESRCH') &&
       (process.platform === 'win32' || answers(() => readSync(fd, byte) > 0, 'ECONNRESET'));
     while (lives()) Atomics.wait(sleeper, 0, 0, every);
     process.kill(process.pid, 'SIGKILL');`,
    bare({
      eval: true,
      workerData: { parent, fd, every: EVERY },
      execArgv: [],
      env: {},
      name: 'watches the parent',
      resourceLimits: bare({ maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 }),
    }),
  );
  watcher.unref();
}
