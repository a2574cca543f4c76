import { bare, type Coroutine, clock, isCoroutine, type KeptContext, runAs, TimeoutError, tellLate } from '../core/index.js';
import { type Alarm, alarms } from './alarms.js';
import { cancelled } from './cancelled.js';
import { deadline } from './deadline.js';
import { Scope } from './scope.js';
import { Wait } from './wait.js';

/** What the body of `withTimeout`, `withDeadline`, `withShield` and `withCancelScope` sees of its scope. */
export interface CancelScope {
  /**
   * Ends the block: every cancellation point inside throws, now and from now on. `withCancelScope` then ends quietly; a time limit and a shield, which promise a value, are
   * `cancelled`.
   *
   * @returns `false` if the block had ended already.
   */
  cancel(reason?: unknown): boolean;
  /** Whether it was cancelled, by itself or by a scope around it. */
  readonly cancelled: boolean;
  /** Aborts when it is cancelled; for `fetch` and everything else that knows an AbortSignal. */
  readonly signal: AbortSignal;
  /** When its time runs out, in ms of `now()`; Infinity: never. */
  readonly deadline: number;
  /** Whether its time has run out. */
  readonly expired: boolean;
  /**
   * Sets another deadline, in ms of `now()`, earlier or later; Infinity takes it away.
   *
   * @returns `false` if it is too late: the block was cancelled, its time has run out, or it has ended.
   */
  reschedule(at: number | Date): boolean;
}

/** A part of a task with a cancellation, and perhaps a deadline, of its own. */
export class Block extends Scope implements CancelScope, Alarm {
  at = Number.POSITIVE_INFINITY;
  order = 0;
  place = -1;
  expired = false;
  readonly #title: string | number;
  readonly #shield: boolean;
  readonly #grace: number | undefined;
  /** Whether it ends without a word when its own scope has cancelled it: only where the type says that there may be no value. */
  readonly #quiet: boolean;

  constructor(
    outer: Scope | undefined,
    title: string | number,
    until = Number.POSITIVE_INFINITY,
    options: { shield?: boolean; grace?: number; quiet?: boolean } = bare({}),
  ) {
    super(outer, options.shield);
    this.#title = title;
    this.#grace = options.grace;
    this.#shield = options.shield === true;
    this.#quiet = options.quiet === true;
    this.at = until;
    if (until !== Number.POSITIVE_INFINITY) alarms.set(this, until);
  }

  override get title(): string {
    return typeof this.#title === 'number' ? `withTimeout of ${this.#title} ms` : this.#title;
  }

  override get shield(): boolean {
    return this.#shield;
  }

  override get grace(): number | undefined {
    return this.#grace;
  }

  get deadline(): number {
    return this.at;
  }

  reschedule(at: number | Date): boolean {
    const when = deadline('reschedule', at);
    if (this.own !== undefined || this.settled) return false;
    alarms.clear(this);
    this.at = when;
    if (when <= clock.now()) this.ring();
    else if (when !== Number.POSITIVE_INFINITY) alarms.set(this, when);
    return true;
  }

  ring(): void {
    alarms.clear(this);
    if (this.own !== undefined) return; // it was cancelled before: the first reason counts
    this.expired = true;
    this.cancelBecause(() => cancelled(`${this.title} has run out of time`, undefined));
  }

  override border(ok: boolean, value: unknown): void {
    if (ok || !this.isOwn(value)) super.border(ok, value);
    else if (this.expired) this.finish('rejected', new TimeoutError(`${this.title} has run out of time`, { cause: value }));
    else if (this.#quiet) this.finish('fulfilled', undefined);
    else super.border(ok, value);
  }

  override leave(): void {
    alarms.clear(this);
    super.leave();
  }
}

Scope.runDefers = (scope, fns, grace) => {
  const block = new Block(scope, `clean-up of ${scope.title}`, clock.now() + grace, bare({ shield: true, grace }));
  // It fails only when it is given up. Its scope has its outcome, and a rejection that nobody
  // handles would end the program.
  block.watch(() => {
    if (block.state === 'rejected') tellLate(block.outcome);
  });
  block.begin(function* () {
    for (const [fn, here] of fns) {
      try {
        const value = here.runInAsyncScope(runAs, undefined, block, fn, []);
        if (isCoroutine(value)) yield* stepsIn(here, block, value);
        else if (typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function') {
          // Waited for outside of the block: when its time is over the waits inside the function are cut off, and not this one.
          const wait = new Wait<unknown>('clean-up', undefined);
          wait.follow(value as PromiseLike<unknown>);
          yield* wait;
        }
      } catch (error) {
        if (!block.isOwn(error)) scope.deferFailed(error);
        else if (!block.settled) tellLate(new TimeoutError(`${block.title} took longer than its grace of ${grace} ms`, { cause: error }));
      }
    }
  }, []);
};

/** A coroutine each step of which runs in a context of its own, as part of `scope`. */
function stepsIn(here: KeptContext, scope: Scope, coroutine: Coroutine<unknown>): Coroutine<unknown> {
  const within =
    <A extends unknown[], R>(step: (...args: A) => R) =>
    (...args: A): R =>
      here.runInAsyncScope(runAs<A, R>, undefined, scope, step, args);
  return {
    next: within((value?: unknown) => coroutine.next(value as never)),
    throw: within((error: unknown) => coroutine.throw(error)),
    return: within((value: unknown) => coroutine.return(value)),
    [Symbol.iterator]() {
      return this;
    },
  } as unknown as Coroutine<unknown>;
}
