import { bare, type OptionTable, oneOf, type Unwrapped } from '../core/index.js';
import { type AnyFunction, cancelWithCaller, type Future, originAbove, watchFuture } from '../futures/index.js';
import { OneShotFuture, type OneShotOptions, readOneShot, shotOf } from '../pool/index.js';
import { keepActive } from './active-threads.js';
import { ThreadTransport } from './thread-transport.js';

/** How a Thread is started; see {@link OneShotOptions}. */
export interface ThreadOptions extends OneShotOptions {
  /**
   * Where the thread's stdout goes (`console.log`, `process.stdout`): on to this process's stdout
   * (default), or to its stderr. Descriptor 1 is this process's own: `fs.writeSync(1, …)` and child
   * processes that inherit it write there.
   */
  stdout?: 'stdout' | 'stderr';
}

const table: OptionTable = { stdout: oneOf('stdout', 'stderr') };

/**
 * A thread that runs one call: the Future of that call, and the handle of the thread. It keeps the process alive until the call has ended. A failure that nobody
 * looks at surfaces as an `unhandledRejection`, as with every Future.
 *
 * The thread ends when its call has: what the function returned, and the promise or coroutine that this may be, is the end. Timers, servers and other handles that
 * the call has left behind end with it; a function that is to go on returns a promise.
 *
 * Output that the call wrote before its answer arrives before it, and is not lost when the program
 * ends, unless that calls `process.exit` in the main thread. Messages that the call posts on
 * `parentPort` are ignored.
 *
 * Cancelling: the call's signal (`currentSignal()` in the thread) aborts and the future settles at once; a thread that has not let go after `grace` ms is ended.
 * Started from a task, it is cancelled with the task; at the end of an `await using` block it is cancelled, and waited for.
 *
 * @example
 * ```ts run
 * import { Thread } from 'meantime/threads';
 *
 * const thread = Thread.start((a: number, b: number) => a + b, 1, 2);
 * await thread; // => 3
 * await thread.join(); // the thread is gone
 * ```
 */
export interface Thread<T> extends Future<T>, AsyncDisposable {
  /** Node's number of the thread; it keeps it when it has ended. `undefined` if none could be started. */
  readonly threadId: number | undefined;
  readonly name: string;
  /**
   * Waits until the thread is really gone: whatever became of the call, it never throws its error. It does not count as looking at that error.
   *
   * Cancelling: only the waiting ends.
   *
   * @param timeout The most to wait, in ms. Default: without end.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, if it is still there after that.
   * @throws {OptionError} code `MEANTIME_OPTION`, if that is no time.
   */
  join(timeout?: number): Future<void>;
  /**
   * Ends the thread at once, whatever it does: no `finally` runs in it. A call that has not ended fails with a WorkerLostError; that is what was asked for, so it
   * is no `unhandledRejection`.
   *
   * Cancelling: only the waiting ends.
   *
   * @returns When it is gone.
   */
  terminate(): Future<void>;
}

/** Starts threads: `Thread` itself, and what its `with` returns. */
export interface ThreadStarter {
  /**
   * Starts a thread and runs one call in it.
   *
   * Cancelling: see {@link Thread}.
   *
   * @returns Its handle, at once. What keeps the call from running rejects it: a function that cannot travel (`NotPortableError`), an argument that cannot
   * (`NotCloneableError`), a thread that cannot start (`WorkerStartError`).
   * @throws {RecursiveImportError} code `MEANTIME_RECURSIVE_IMPORT`, while a worker imports the module that calls this.
   */
  start<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Thread<Unwrapped<R>>;
  /**
   * The same with other options.
   *
   * @throws {OptionError} code `MEANTIME_OPTION`.
   */
  with(options: ThreadOptions): ThreadStarter;
}

class ThreadHandle<T> extends OneShotFuture<T> implements Thread<T> {
  get threadId(): number | undefined {
    return this.life.id;
  }

  begin(): this {
    watchFuture(this.life.exited.future, keepActive(this));
    this.life.start();
    return this;
  }
}

function starter(options: ThreadOptions): ThreadStarter {
  const made: ThreadStarter = {
    start<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Thread<Unwrapped<R>> {
      const shot = shotOf('Thread', fn as AnyFunction, args, options, originAbove(made.start));
      const thread = new ThreadHandle<Unwrapped<R>>(new ThreadTransport(bare({ ...options, name: shot.name })), shot).begin();
      cancelWithCaller(thread);
      return thread;
    },
    with: (more) => starter(readOneShot('Thread.with', options, more, table)),
  };
  return Object.freeze(made);
}

/**
 * Starts one thread for one call; see the type {@link Thread} for what it gives. For many calls a ThreadPoolExecutor is cheaper: a thread takes some 15 to 30 ms to start.
 *
 * @example
 * ```ts run
 * import { Thread } from 'meantime/threads';
 *
 * const thread = Thread.with({ name: 'counts', timeout: 60_000 }).start((to: number) => {
 *   let sum = 0;
 *   for (let i = 1; i <= to; i++) sum += i;
 *   return sum;
 * }, 1_000_000);
 * thread.name; // => 'counts'
 * await thread; // => 500000500000
 * ```
 */
export const Thread: ThreadStarter = starter(Object.create(null) as ThreadOptions);
