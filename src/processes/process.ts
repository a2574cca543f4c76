import type { Readable } from 'node:stream';
import { bare, clock, list, milliseconds, type OptionTable, oneOf, text, type Unwrapped } from '../core/index.js';
import { type AnyFunction, cancelWithCaller, type Future, originAbove, watchFuture } from '../futures/index.js';
import { OneShotFuture, type OneShotOptions, readOneShot, type Shot, shotOf } from '../pool/index.js';
import { keepActive } from './active-processes.js';
import { type LinkOptions, ProcessLink, type Stdio } from './process-link.js';
import type { ProcessOptions } from './process-transport.js';

/** How a Process is started; see {@link OneShotOptions} and {@link ProcessOptions}. */
export interface ProcessStartOptions extends OneShotOptions, ProcessOptions {
  /**
   * What the process writes to its stdout: goes where this process's does (`inherit`, default), can be read as `process.stdout` (`pipe`), or is thrown away (`ignore`). What is
   * piped has to be read: a process whose pipe is full stands still.
   */
  stdout?: Stdio;
  /** The same for its stderr. Whatever it is, the end of it is kept for a WorkerLostError. */
  stderr?: Stdio;
}

const stdio = oneOf('inherit', 'pipe', 'ignore');
const table: OptionTable = { cwd: text, execArgv: list, killGrace: milliseconds, stdout: stdio, stderr: stdio };

/** Signals that ask a process to end, which may then do so with an exit code of its own. */
const endings = new Set<unknown>(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);

/**
 * A process that runs one call: the Future of that call, and the handle of the process. It keeps this process alive until the call has ended. A failure that nobody looks at
 * surfaces as an `unhandledRejection`, as with every Future. A process whose parent is gone ends within a second, also in the middle of a loop.
 *
 * The process ends when its call has: what the function returned, and the promise or coroutine that this may be, is the end. Timers, servers and other handles that the
 * call has left behind end with it; a function that is to go on returns a promise.
 *
 * The process has a group of its own, so a signal to the group of this one (Ctrl-C, `timeout`) does
 * not reach it. SIGTERM, as `terminate()` sends it, ends it; SIGINT and SIGHUP it ignores unless
 * the call listens to them.
 *
 * Output that the call wrote before its answer arrives before it, unless it is piped. At its end
 * the process waits until its answer is read, and at most a second for a reader of its output that
 * reads nothing.
 *
 * Cancelling: the call's signal (`currentSignal()` over there) aborts and the future settles at once; a process that has not let go after `grace` ms is killed.
 * Started from a task, it is cancelled with the task; at the end of an `await using` block it is cancelled, and waited for.
 *
 * @example
 * ```ts run
 * import { Process } from 'meantime/processes';
 *
 * const child = Process.start((a: number, b: number) => a + b, 1, 2);
 * await child; // => 3
 * await child.join();
 * child.exitCode; // => 0
 * ```
 */
export interface Process<T> extends Future<T>, AsyncDisposable {
  /** Its id, also when it has ended. `undefined` if it could not be started. */
  readonly pid: number | undefined;
  readonly name: string;
  /**
   * What it ended with: 0, or 1 if the call failed, or what the call gave `process.exit`. `null` while it runs, and if a signal ended it.
   */
  readonly exitCode: number | null;
  /** The signal that ended it, or `null`. */
  readonly signalCode: string | null;
  /** What it writes, with `stdout: 'pipe'`; else `null`. */
  readonly stdout: Readable | null;
  /** What it writes to stderr, with `stderr: 'pipe'`; else `null`. */
  readonly stderr: Readable | null;
  /**
   * Sends it a signal. If it dies of that, its call fails with a WorkerLostError, which is then no `unhandledRejection`.
   *
   * @param signal Default `SIGKILL`, which nothing outlives. 0 only looks whether it is there.
   * @returns Whether there was a process to send it to.
   */
  kill(signal?: NodeJS.Signals | number): boolean;
  /**
   * Asks it to end with `SIGTERM`, and kills it if it has not after `killGrace` ms. A call that has not ended fails with a WorkerLostError; that is what was asked for, so it is no
   * `unhandledRejection`.
   *
   * Cancelling: only the waiting ends.
   *
   * @returns When it is gone.
   */
  terminate(): Future<void>;
  /**
   * Waits until the process is really gone: whatever became of the call, it never throws its error. It does not count as looking at that error.
   *
   * Cancelling: only the waiting ends.
   *
   * @param timeout The most to wait, in ms. Default: without end.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, if it is still there after that.
   * @throws {OptionError} code `MEANTIME_OPTION`, if that is no time.
   */
  join(timeout?: number): Future<void>;
}

/** Starts processes: `Process` itself, and what its `with` returns. */
export interface ProcessStarter {
  /**
   * Starts a process and runs one call in it.
   *
   * Cancelling: see {@link Process}.
   *
   * @returns Its handle, at once. What keeps the call from running rejects it: a function that cannot travel (`NotPortableError`), an argument that cannot
   * (`NotCloneableError`), a process that cannot start (`WorkerStartError`).
   * @throws {RecursiveImportError} code `MEANTIME_RECURSIVE_IMPORT`, while a worker imports the module that calls this.
   */
  start<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Process<Unwrapped<R>>;
  /**
   * The same with other options.
   *
   * @throws {OptionError} code `MEANTIME_OPTION`.
   */
  with(options: ProcessStartOptions): ProcessStarter;
}

class ProcessHandle<T> extends OneShotFuture<T> implements Process<T> {
  #link: ProcessLink | undefined;
  readonly #killGrace: number;

  constructor(options: ProcessStartOptions, shot: Shot) {
    const patience = options.killGrace ?? 1000;
    super(
      {
        kind: 'process',
        shares: false,
        patience,
        open: (boot, _claims, events) => {
          this.#link = new ProcessLink(bare({ ...options, once: true }), boot, events);
          return this.#link;
        },
      },
      shot,
    );
    this.#killGrace = patience;
  }

  begin(): this {
    watchFuture(this.life.exited.future, keepActive(this));
    this.life.start();
    return this;
  }

  get pid(): number | undefined {
    return this.life.id;
  }

  get exitCode(): number | null {
    return this.life.end?.exitCode ?? null;
  }

  get signalCode(): string | null {
    return this.life.end?.signal ?? null;
  }

  get stdout(): Readable | null {
    return this.#link?.stdout ?? null;
  }

  get stderr(): Readable | null {
    return this.#link?.stderr ?? null;
  }

  kill(signal: NodeJS.Signals | number = 'SIGKILL'): boolean {
    const sent = this.#link?.signal(signal) ?? false;
    if (!sent) return false;
    const name = typeof signal === 'number' ? nameOf(signal) : signal;
    if (name !== undefined) this.life.expectEnd(name);
    if (endings.has(name)) this.life.expectEnd();
    return true;
  }

  override terminate(): Future<void> {
    this.life.expectEnd('SIGKILL');
    if (this.kill('SIGTERM')) {
      const late = clock.after(this.#killGrace, () => this.life.kill(`it was told to terminate and had not after ${this.#killGrace} ms`));
      watchFuture(this.life.exited.future, () => late.cancel());
    }
    return this.join();
  }
}

const nameOf = (signal: number): string | undefined =>
  Object.entries(process.getBuiltinModule('node:os').constants.signals).find(([, number]) => number === signal)?.[0];

function starter(options: ProcessStartOptions & Pick<LinkOptions, 'watch'>): ProcessStarter {
  const made: ProcessStarter = {
    start<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Process<Unwrapped<R>> {
      const shot = shotOf('Process', fn as AnyFunction, args, options, originAbove(made.start));
      const child = new ProcessHandle<Unwrapped<R>>(options, shot).begin();
      cancelWithCaller(child);
      return child;
    },
    with: (more) => starter(readOneShot('Process.with', options, more, table)),
  };
  return Object.freeze(made);
}

/**
 * Starts one process for one call; see the type {@link Process} for what it gives. For many calls a ProcessPoolExecutor is cheaper: a process takes some 50 to 100 ms to start.
 *
 * @example
 * ```ts run
 * import { Process } from 'meantime/processes';
 *
 * const child = Process.with({ env: { WHO: 'you' }, stdout: 'pipe' }).start(() => console.log(`hello, ${process.env.WHO}`));
 * let text = '';
 * for await (const chunk of child.stdout ?? []) text += chunk;
 * text; // => 'hello, you\n'
 * ```
 */
export const Process: ProcessStarter = starter(Object.create(null) as ProcessStartOptions);

/** @internal A process in which nothing runs but its call, as far as that can be had: whatever it uses is the call's. Not for calls after which it goes on. */
export const LoneProcess: ProcessStarter = starter(bare({ watch: 'kernel alone' }));
