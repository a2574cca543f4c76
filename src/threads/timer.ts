import {
  type Timer as Alarm,
  CancelledError,
  clock,
  contextHere,
  drive,
  finite,
  flag,
  isCoroutine,
  type KeptContext,
  LazySignal,
  mustBeFunction,
  OptionError,
  type OptionTable,
  onAbort,
  readOptions,
  runAs,
  signal,
  stays,
  travels,
} from '../core/index.js';
import { cancellation, type Future, FutureSource } from '../futures/index.js';

/** How a Timer is set. */
export interface TimerOptions {
  /** Cancels the timer when it aborts. */
  signal?: AbortSignal;
  /** Does not keep the process alive. Default `false`. */
  weak?: boolean;
}

const table: OptionTable = { signal, weak: flag };

/** What a Timer runs; a promise or a coroutine is waited for. It is given the number of its run, from 1. */
export type TimerFunction = (tick: number) => unknown;

/**
 * Runs a function later, once or again and again, on this thread: a timer takes no thread of its own. All on one clock, so a test can move it (`meantime/testing`).
 *
 * A repeating timer does not drift: its ticks are due at whole multiples of its time after it was set, however long the function takes or the event loop is busy. It never
 * runs twice at a time; ticks that come while it runs, or that could not be on time, are missed: the next is the next multiple.
 *
 * A function that throws, or whose promise rejects, ends the timer, and its error rejects `finished`: an `unhandledRejection` if nobody looks at that.
 *
 * Cancelling: `cancel()` or the end of a `using` block: it runs no more. A function that runs has its signal (`currentSignal()`) aborted, and `finished` waits for it.
 *
 * @example Once
 * ```ts run
 * import { Timer } from 'meantime/threads';
 *
 * const seen: string[] = [];
 * const timer = Timer.once(5, () => seen.push('rang'));
 * await timer.finished; // => 1
 * seen; // => ['rang']
 * ```
 *
 * @example Again and again
 * ```ts run
 * import { Timer } from 'meantime/threads';
 *
 * const timer = Timer.every(1, (tick) => {
 *   if (tick === 3) timer.cancel();
 * });
 * await timer.finished; // => 3
 * ```
 */
export class Timer implements Disposable {
  readonly #fn: TimerFunction;
  readonly #here: KeptContext;
  readonly #weak: boolean;
  /** Between ticks, in ms; `undefined` for a timer of one. */
  readonly #every: number | undefined;
  readonly #setAt = clock.now();
  readonly #source = new FutureSource<number>();
  #alarm: Alarm | undefined;
  #run: LazySignal | undefined;
  #ticks = 0;
  /** When the next tick is due, or the last one was: so many times `every` after it was set. */
  #multiple = 1;
  #over = false;
  /** What `finished` is to say in the place of a number. */
  #failure: { error: unknown } | undefined;
  #unlisten: (() => void) | undefined;

  /** Use `once` or `every`. */
  private constructor(ms: number, every: number | undefined, fn: TimerFunction, { signal, weak = false }: TimerOptions) {
    this.#fn = fn;
    this.#here = contextHere();
    this.#weak = weak;
    this.#every = every;
    this.#source.onCancel((reason) => {
      this.#failure ??= { error: cancellation(reason) };
      this.cancel(reason);
    });
    this.#alarm = clock.after(ms, () => void this.#tick(), weak);
    if (signal?.aborted) this.cancel(signal.reason);
    else this.#unlisten = signal && onAbort(signal, () => this.cancel(signal.reason));
  }

  /**
   * Runs `fn` once, `ms` from now.
   *
   * @param ms 0 or more.
   * @throws {OptionError} code `MEANTIME_OPTION`.
   */
  static once(ms: number, fn: TimerFunction, options?: TimerOptions): Timer {
    const read = check('Timer.once', ms, fn, options);
    if (!(ms >= 0)) throw new OptionError(`Timer.once expects a number of milliseconds, 0 or more, got ${ms}`);
    return new Timer(ms, undefined, fn, read);
  }

  /**
   * Runs `fn` every `ms`, for the first time `ms` from now, until it is cancelled.
   *
   * @param ms More than 0.
   * @throws {OptionError} code `MEANTIME_OPTION`.
   */
  static every(ms: number, fn: TimerFunction, options?: TimerOptions): Timer {
    const read = check('Timer.every', ms, fn, options);
    if (!(ms > 0)) throw new OptionError(`Timer.every expects a number of milliseconds, more than 0, got ${ms}`);
    return new Timer(ms, ms, fn, read);
  }

  /** How many times the function has been started. */
  get ticks(): number {
    return this.#ticks;
  }

  /** Whether it runs, or will run again. */
  get active(): boolean {
    return !this.#source.future.settled;
  }

  /**
   * How many times the function ran, once it has run for the last time: when a timer of one has run, and when a cancelled one has let go.
   *
   * Cancelling: cancels the timer; whoever waits gets a CancelledError.
   *
   * @throws what the function throws, which is also the end of the timer.
   */
  get finished(): Future<number> {
    return this.#source.future;
  }

  /**
   * It runs no more.
   *
   * @param reason For the signal of the function, if that runs.
   * @returns `false` if it had ended, or been cancelled, already.
   */
  cancel(reason?: unknown): boolean {
    if (this.#over) return false;
    this.#end();
    if (this.#run) this.#run.abort(cancellation(reason ?? 'its timer was cancelled'));
    else this.#finish();
    return true;
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  /**
   * It cannot travel.
   *
   * @internal
   * @throws {NotCloneableError}
   */
  [travels](): never {
    return stays('a Timer, which runs on the thread that set it', 'set one over there');
  }

  async #tick(): Promise<void> {
    const run = new LazySignal();
    this.#run = run;
    try {
      const made = this.#here.runInAsyncScope(runAs, undefined, run, this.#fn, [++this.#ticks]);
      const pending = isCoroutine(made) ? this.#here.runInAsyncScope(runAs, undefined, run, drive, [made]) : made;
      if (isThenable(pending)) await pending; // without this, what has nothing to wait for would be late for its next tick
      if (this.#every === undefined) this.#end();
    } catch (error) {
      this.#end();
      // What it throws because it was cancelled is no failure.
      if (!(run.aborted && error instanceof CancelledError)) this.#failure = { error };
    }
    this.#run = undefined;
    if (this.#over) this.#finish();
    else this.#next();
  }

  /** At the next multiple that is still to come: never the same again, also if the clock rang a little early. */
  #next(): void {
    const every = this.#every as number;
    const passed = clock.now() - this.#setAt;
    this.#multiple = Math.max(this.#multiple, Math.floor(passed / every)) + 1;
    this.#alarm = clock.after(this.#multiple * every - passed, () => void this.#tick(), this.#weak);
  }

  #end(): void {
    this.#over = true;
    this.#alarm?.cancel();
    this.#unlisten?.();
  }

  #finish(): void {
    if (this.#failure) this.#source.reject(this.#failure.error);
    else this.#source.fulfil(this.#ticks);
  }
}

function check(where: string, ms: number, fn: TimerFunction, options: TimerOptions | undefined): TimerOptions {
  mustBeFunction(where, fn);
  readOptions(where, { ms }, { ms: finite });
  return readOptions(where, options, table);
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';
