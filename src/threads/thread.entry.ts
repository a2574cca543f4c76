import { readlinkSync } from 'node:fs';
import { isMainThread, type MessagePort } from 'node:worker_threads';
import { bare } from '../core/index.js';
import { type Boot, Server, ToPool, ToWorker, whenSent } from '../wire/far.js';
import { ThreadOutput } from './thread-output.js';

interface ThreadBoot extends Boot {
  readonly stdout?: 'stdout' | 'stderr';
  readonly task: SharedArrayBuffer;
  /**
   * The way to the pool. `parentPort` belongs to the code of calls, which may post on it, listen to
   * it and close it.
   */
  readonly port: MessagePort;
}

/** What a thread of a pool runs. */
if (!isMainThread) {
  const boot = bare(takeBoot());
  const { port } = boot;
  if (process.platform === 'linux') tellTask(new Int32Array(boot.task));
  const output = new ThreadOutput((...output) => port.postMessage([ToPool.OUTPUT, ...output]), boot.stdout === 'stderr' ? 2 : 1);
  const server = new Server(
    {
      carrier: 'clone',
      post: (message, transfer) => port.postMessage(message, transfer as never),
    },
    boot,
  );
  port.on('message', (message: unknown[]) => {
    if (message[0] === ToWorker.WRITTEN) output.written(message[1] as number, message[2] as number);
    else if (message[0] === ToWorker.END) {
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

/** The code of calls must not find the port: for them this thread has no `workerData`. */
function takeBoot(): ThreadBoot {
  const threads = process.getBuiltinModule('node:worker_threads') as { workerData: unknown };
  const boot = threads.workerData as ThreadBoot;
  threads.workerData = undefined;
  process.getBuiltinModule('node:module').syncBuiltinESMExports();
  return boot;
}

/** The pool reads this thread's processor time by its number in the operating system. */
function tellTask(word: Int32Array): void {
  try {
    word[0] = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    // No /proc in this container: then the time is not known.
  }
}
