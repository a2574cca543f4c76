import { type Coroutine, contextHere, disown, type KeptContext, YieldOnce } from '../core/index.js';
import { FutureCell, isFuture } from '../futures/index.js';
import { Frame } from './call.js';
import { step } from './current.js';
import { timed } from './debug/slow-steps.js';
import { debug } from './debug.js';
import { selfWait } from './errors.js';
import { followFuture } from './follow-future.js';
import { orderly } from './orderly.js';
import type { Scope } from './scope.js';
import { isDelivered, later, Wait, type Waiting } from './wait.js';

/**
 * Steps the generators of one body. What they `yield*` is waited for here; the coroutines that they `call` are kept on a stack of its own, so that they may nest without end and
 * each step costs the same.
 */
export class Fiber implements Waiting {
  readonly scope: Scope;
  #coroutine: Coroutine<unknown>;
  #below: Coroutine<unknown>[] | undefined = undefined;
  /** Made when it first parks: most blocks never do. */
  #context: KeptContext | undefined;

  constructor(scope: Scope, coroutine: Coroutine<unknown>, context: KeptContext | undefined) {
    this.scope = scope;
    this.#coroutine = coroutine;
    this.#context = context;
  }

  /** The first step; the caller is in the right context. */
  start(): void {
    this.#run(true, undefined);
  }

  goOn(wait: Wait<unknown>): void {
    if (debug.on) timed(this.scope, Fiber.goOn, this, wait);
    else Fiber.goOn(this, wait);
  }

  static goOn(fiber: Fiber, wait: Wait<unknown>): void {
    (fiber.#context as KeptContext).runInAsyncScope(advance, undefined, fiber, !wait.failed, wait.value);
  }

  static advance(fiber: Fiber, ok: boolean, value: unknown): void {
    fiber.#run(ok, value);
  }

  #run(started: boolean, given: unknown): void {
    const scope = this.scope;
    const former = step(scope);
    let ok = started;
    let value = given;
    try {
      for (;;) {
        let result: IteratorResult<unknown, unknown>;
        try {
          result = ok ? this.#coroutine.next(value) : this.#coroutine.throw(value);
        } catch (error) {
          ok = false;
          value = error;
          if (this.#return()) continue;
          break;
        }
        value = result.value;
        if (result.done) {
          ok = true;
          if (this.#return()) continue;
          if (typeof (value as PromiseLike<unknown> | null | undefined)?.then !== 'function') break;
          // What is returned is waited for, as in an async function.
          this.#coroutine = YieldOnce.of(value);
          value = undefined;
          continue;
        }
        ok = true;
        if (value instanceof Frame) {
          this.#below ??= [];
          this.#below.push(this.#coroutine);
          this.#coroutine = value.coroutine;
          value = undefined;
          continue;
        }
        const wait = value instanceof Wait && value.isFree ? value : this.#foreign(value);
        wait.fiber = this;
        this.#context ??= contextHere();
        return;
      }
    } finally {
      step(former);
    }
    scope.bodyEnded(ok, value);
  }

  /** Back to the coroutine that called the one that has ended, if there is one. */
  #return(): boolean {
    const caller = this.#below?.pop();
    if (caller === undefined) return false;
    this.#coroutine = caller;
    return true;
  }

  /** A wait for whatever else can be yielded: a future, a promise, or a plain value, which is given back. */
  #foreign(value: unknown): Wait<unknown> {
    const scope = this.scope;
    const isThenable = typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
    if (!isThenable) return scope.error === undefined ? (later(value) as Wait<unknown>) : stopped(scope);
    if (value instanceof FutureCell) {
      if (scope.waitsForItself(value)) return failed(selfWait((value as unknown as Scope).title));
      if (value.isBlockIn(scope)) {
        const wait = new Wait<unknown>(value, undefined);
        followFuture(wait, value);
        return wait;
      }
    }
    if (isDelivered(value)) {
      const wait = new Wait<unknown>('turn', undefined);
      wait.follow(value as PromiseLike<unknown>);
      return wait;
    }
    if (scope.error !== undefined) {
      disown(orderly(value as PromiseLike<unknown>));
      return stopped(scope);
    }
    const wait = new Wait<unknown>(isFuture(value) ? value : 'promise', scope);
    if (value instanceof FutureCell) followFuture(wait, value);
    else wait.follow(value as PromiseLike<unknown>);
    return wait;
  }
}

const { advance } = Fiber;

function failed(error: unknown): Wait<unknown> {
  const wait = new Wait<unknown>('turn', undefined);
  wait.fail(error);
  return wait;
}

const stopped = (scope: Scope): Wait<unknown> => failed(scope.error);
