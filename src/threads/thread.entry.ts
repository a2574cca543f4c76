import { readlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type Boot, Server, ToWorker, whenSent } from '../wire/far.js';

/** What a thread of a pool runs. */
if (parentPort) {
  const port = parentPort;
  const boot = workerData as Boot & { stdout?: 'stdout' | 'stderr'; task: SharedArrayBuffer };
  if (process.platform === 'linux') tellTask(new Int32Array(boot.task));
  if (boot.stdout === 'stderr') Object.defineProperty(process, 'stdout', { get: () => process.stderr });
  const server = new Server(
    {
      carrier: 'clone',
      post: (message, transfer) => port.postMessage(message, transfer as never),
    },
    boot,
  );
  port.on('message', (message: unknown[]) => {
    if (message[0] === ToWorker.END) {
      if (message.length > 1) process.exitCode = message[1] as number;
      whenSent(() => process.exit());
    } else server.receive(message);
  });
  // What cannot be read names no call to answer for: the pool learns of it as of any death.
  port.on('messageerror', (error) => {
    throw error;
  });
  // A call that ends the thread must not take along what others have finished.
  process.on('exit', () => server.flush());
}

/** The pool reads this thread's processor time by its number in the operating system. */
function tellTask(word: Int32Array): void {
  try {
    word[0] = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    // No /proc in this container: then the time is not known.
  }
}
