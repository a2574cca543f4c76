import {
  bare,
  clock,
  currentRunning,
  flag,
  milliseconds,
  onAbort,
  type Running,
  readOptions,
  signal as signalOption,
  TimeoutError,
  type Timer,
  WouldBlockError,
} from '../../core/index.js';
import { cancellation, cancelWithCaller, deliveringSource, type Future, type FutureSource, refused } from '../../futures/index.js';
import { atomics, type Words, waitAsync } from './atomics.js';
import { cancelled } from './cancelled.js';
import { WAITING } from './slots.js';

/** Something that may have to be waited for: what is tried, how it sleeps, and how it gives up. Each method decides under its monitor's guard. */
export interface Waiting<T> {
  /** In messages: `acquire() of a SharedLock`. */
  readonly what: string;
  readonly words: Words;
  /** The word that is `WAITING` while nothing has been decided; below 0, no slot was free, and `retry` asks again. */
  readonly at: number;
  /** Tries for the first time. `true`: it is decided, and `outcome` tells. */
  begin(): boolean;
  /** Looks again, after being called or after a while (`late`): holders may have died. */
  retry(late: boolean): boolean;
  /** Gives up. `false`: it was decided before. */
  leave(): boolean;
  /** Once, after it was decided. @throws what it came to. */
  outcome(): T;
  /** Nobody takes it: gives it on. */
  decline(): void;
  /** Of one that blocks: the error if what it waits for is this very thread's, which could not give it back. `leave` has the last word. */
  stuck?(): Error | undefined;
}

/** How an asynchronous wait ends early. */
export interface WaitLimits {
  /** The most it may take, in ms; then it fails with a TimeoutError. Default: no limit. */
  timeout?: number;
  /** Ends the wait when it aborts. */
  signal?: AbortSignal;
}

/** How a blocking wait ends early, and whether it may block the main thread. */
export interface BlockLimits {
  /** The most it may take, in ms; then it throws a TimeoutError. Default: no limit. */
  timeout?: number;
  /** Allows it on the main thread, which does nothing else meanwhile. Default: false. */
  blockMain?: boolean;
}

const waitTable = { timeout: milliseconds, signal: signalOption };
const blockTable = { timeout: milliseconds, blockMain: flag };

/** The sleeps after which whoever waits looks for dead threads, in ms: each twice the one before. */
const [FIRST_LOOK, LONGEST_LOOK] = [20, 500];

const nowhere = new Int32Array(new SharedArrayBuffer(4));

let main: boolean | undefined;
/** Whether this is the main thread. */
function isMainThread(): boolean {
  main ??= process.getBuiltinModule('node:worker_threads').isMainThread;
  return main;
}

/**
 * Reads the options of a call that blocks, and gives its time limit.
 *
 * @throws {WouldBlockError} on the main thread, unless it was allowed.
 */
export function mayBlock(what: string, options: BlockLimits | undefined): number | undefined {
  const { timeout, blockMain } = options === undefined ? none : readOptions(what, options, blockTable);
  if (blockMain !== true && isMainThread())
    throw new WouldBlockError(
      `${what} would block the main thread, and with it every timer and all IO: await the form without "Sync", call it in a worker, or say { blockMain: true }`,
    );
  return timeout;
}

const none: BlockLimits = bare({});

/** Reads the options of a call that does not block. @throws {OptionError} */
export const readWaitLimits = (what: string, options: WaitLimits): WaitLimits => readOptions(what, options, waitTable);

/** The error of a wait that took too long. */
export const timedOut = (what: string, ms: number): TimeoutError => new TimeoutError(`${what} was not done within ${ms} ms`);

/** Waits, and blocks this thread while it does. `timeout`: what `mayBlock` has given. */
export function block<T>(waiting: Waiting<T>, timeout: number | undefined): T {
  if (waiting.begin()) return waiting.outcome();
  const end = timeout === undefined ? Number.POSITIVE_INFINITY : atomics.now() + timeout;
  let look = FIRST_LOOK;
  for (;;) {
    const left = end - atomics.now();
    if (left <= 0) {
      if (waiting.leave()) throw timedOut(waiting.what, timeout as number);
      return waiting.outcome();
    }
    const late = sleep(waiting, Math.min(left, look)) === 'timed-out';
    if (waiting.retry(late)) return waiting.outcome();
    const stuck = waiting.stuck?.();
    if (stuck !== undefined) {
      if (waiting.leave()) throw stuck;
      return waiting.outcome();
    }
    if (late) look = Math.min(2 * look, LONGEST_LOOK);
  }
}

function sleep(waiting: Waiting<unknown>, ms: number): string {
  if (waiting.at < 0) return atomics.wait(nowhere, 0, 0, ms);
  return atomics.wait(waiting.words, waiting.at, WAITING, ms);
}

/**
 * Waits without keeping this thread from anything else. While it does, the process stays.
 *
 * Cancelling: the wait is taken back; what was handed over in the same instant is given on.
 */
export function later<T>(waiting: Waiting<T>, options: WaitLimits | undefined): Future<T> {
  const { timeout, signal } = options === undefined ? bare<WaitLimits>({}) : readWaitLimits(waiting.what, options);
  const source = deliveringSource<T>();
  const stopped = cancelled();
  if (stopped !== undefined) source.reject(stopped);
  else if (signal?.aborted) source.reject(cancellation(signal.reason));
  else {
    try {
      if (!waiting.begin()) {
        new Later(source, waiting, timeout, signal, currentRunning());
        return cancelWithCaller(source.future);
      }
    } catch (error) {
      return refused(error as Error); // it cannot even be waited for
    }
    settle(source, waiting);
  }
  return source.future;
}

/** The same for what has to be had in the end, whatever becomes of the task that it is for. */
export function surely<T>(waiting: Waiting<T>): Future<T> {
  const source = deliveringSource<T>();
  if (waiting.begin()) settle(source, waiting);
  else new Later(source, waiting, undefined, undefined);
  return source.future;
}

function settle<T>(source: FutureSource<T>, waiting: Waiting<T>): void {
  try {
    source.fulfil(waiting.outcome());
  } catch (error) {
    source.reject(error);
  }
}

class Later<T> {
  readonly #source: FutureSource<T>;
  readonly #waiting: Waiting<T>;
  readonly #timeout: number | undefined;
  readonly #end: number;
  readonly #unlisten: (() => void) | undefined;
  /** Whose wait this is, if that is cancelled together with its task. */
  readonly #caller: Running | undefined;
  /** Whether the language waits for us on the word: such a wait cannot be taken back, and one is enough. */
  #asleep = false;
  #timer: Timer | undefined;
  #look = FIRST_LOOK;
  #over = false;

  constructor(
    source: FutureSource<T>,
    waiting: Waiting<T>,
    timeout: number | undefined,
    signal: AbortSignal | undefined,
    caller?: Running,
  ) {
    this.#source = source;
    this.#caller = caller;
    this.#waiting = waiting;
    this.#timeout = timeout;
    this.#end = timeout === undefined ? Number.POSITIVE_INFINITY : clock.now() + timeout;
    source.onCancel((reason) => this.#give(cancellation(reason)));
    if (signal) this.#unlisten = onAbort(signal, () => this.#give(cancellation(signal.reason)));
    this.#sleep();
  }

  #sleep(): void {
    const { at, words } = this.#waiting;
    // It holds the event loop as well: the language's own wait does not.
    this.#timer = clock.after(Math.min(this.#look, this.#end - clock.now()), () => this.#wake(true));
    if (at < 0 || this.#asleep) return;
    const woken = waitAsync(words, at, WAITING);
    if (woken === undefined) queueMicrotask(() => this.#wake(false));
    else {
      this.#asleep = true;
      woken.then(() => {
        this.#asleep = false;
        this.#wake(false);
      });
    }
  }

  #wake(late: boolean): void {
    if (this.#over) return;
    this.#timer?.cancel();
    // A task that was cancelled hears of it in its turn only, and by then this would have been fulfilled for nobody.
    const stopped = this.#caller && cancelled(this.#caller);
    if (stopped !== undefined) this.#give(stopped);
    else if (this.#retry(late)) {
      this.#finish();
      settle(this.#source, this.#waiting);
    } else if (this.#over) return;
    else if (clock.now() >= this.#end) this.#give(timedOut(this.#waiting.what, this.#timeout as number), true);
    else {
      if (late) this.#look = Math.min(2 * this.#look, LONGEST_LOOK);
      this.#sleep();
    }
  }

  #retry(late: boolean): boolean {
    try {
      return this.#waiting.retry(late);
    } catch (error) {
      // It cannot be had at all, for want of memory: it has left the line.
      this.#finish();
      this.#source.reject(error);
      return false;
    }
  }

  /** @param stays Whether somebody is there who takes what was decided in this instant: after a time limit of its own. Who was cancelled, for whatever reason, is gone. */
  #give(error: Error, stays = false): void {
    if (this.#over) return;
    this.#finish();
    if (!this.#waiting.leave()) {
      if (stays) return settle(this.#source, this.#waiting);
      this.#waiting.decline();
    }
    this.#source.reject(error);
  }

  #finish(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#unlisten?.();
  }
}
