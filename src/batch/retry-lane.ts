import { CancelledError, clock, keepContext, NotCloneableError, NotPortableError, type Timer } from '../core/index.js';
import { type AnyFunction, type Executor, type Future, type Settled, watchFuture } from '../futures/index.js';
import type { TokenBucket } from './rate.js';

/** How failed calls run again. */
export interface RetryRules {
  retries: number;
  /** The wait in ms after so many failures. */
  wait(failures: number): number;
  rate?: TokenBucket | undefined;
}

type Rejected<I> = Settled<never, I> & { status: 'rejected' };

/** The most calls that wait for another attempt; no new inputs are taken meanwhile. */
const MOST = 1024;

/** The calls that have failed and run again: each waits its time and then goes out by itself, beside the map. */
export class RetryLane<I, R> {
  readonly #executor: Executor;
  readonly #fn: AnyFunction;
  readonly #rules: RetryRules;
  readonly #within = keepContext();
  readonly #settled: (outcome: Settled<R, I>) => void;
  readonly #timers = new Set<Timer>();
  readonly #running = new Set<Future<unknown>>();
  #size = 0;
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(executor: Executor, fn: AnyFunction, rules: RetryRules, settled: (outcome: Settled<R, I>) => void) {
    this.#executor = executor;
    this.#fn = fn;
    this.#rules = rules;
    this.#settled = settled;
  }

  get full(): boolean {
    return this.#size >= MOST;
  }

  /** Takes a failure if it may run again. */
  offer(outcome: Rejected<I>): boolean {
    if (this.#stopped || this.#rules.retries === 0 || !worthRetrying(outcome.reason)) return false;
    this.#size++;
    this.#again(outcome, 1);
    return true;
  }

  /** Resolves once nothing waits or runs here. */
  async idle(): Promise<void> {
    if (this.#size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** What waits is given up without an outcome; what runs goes on. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    const waiting = this.#size - this.#running.size;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    for (let i = 0; i < waiting; i++) this.#left();
  }

  /** What runs is cancelled too. */
  cancel(reason: unknown): void {
    this.stop();
    for (const future of [...this.#running]) future.cancel(reason);
  }

  #again(outcome: Rejected<I>, failures: number): void {
    const timer = clock.after(this.#rules.wait(failures), () => {
      this.#timers.delete(timer);
      const { rate } = this.#rules;
      if (rate === undefined || rate.tryTake()) this.#call(outcome, failures);
      else rate.take(() => this.#call(outcome, failures));
    });
    this.#timers.add(timer);
  }

  #call(outcome: Rejected<I>, failures: number): void {
    if (this.#stopped) return; // `stop` has counted it already
    const { input, index } = outcome;
    // In the context of the run, and not of a timer or of whoever gives back a permit.
    const future = this.#within(() => this.#executor.submit(this.#fn, input));
    this.#running.add(future);
    watchFuture(future, () => {
      this.#running.delete(future);
      let settled: Settled<R, I>;
      try {
        settled = { status: 'fulfilled', value: future.result() as R, input, index };
      } catch (reason) {
        if (!this.#stopped && failures < this.#rules.retries && worthRetrying(reason)) {
          this.#again({ ...outcome, reason }, failures + 1);
          return;
        }
        settled = { status: 'rejected', reason, input, index };
      }
      this.#left(); // first: whoever is told may ask whether there is room
      this.#settled(settled);
    });
  }

  #left(): void {
    this.#size--;
    if (this.#size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** What fails in the same way however often it is tried, or was ended on purpose, is not tried again. */
function worthRetrying(reason: unknown): boolean {
  return !(reason instanceof NotCloneableError || reason instanceof NotPortableError || reason instanceof CancelledError);
}
