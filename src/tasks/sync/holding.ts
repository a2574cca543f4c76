import type { Unwrapped } from '../../core/index.js';
import { mustBeFunction } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { currentScope } from '../current.js';
import { runBody } from '../run-body.js';
import { Scope } from '../scope.js';
import type { Awaitable } from '../wait.js';
import type { Guard } from './guard.js';

/** How a guard is had: at once, or by waiting. */
export interface Source<G extends Guard> {
  tryAcquire(): G | undefined;
  acquire(): Awaitable<G>;
}

/** A block that acquires first, and gives back when everything in it has ended. */
class Holding extends Scope {
  readonly #title: string;
  readonly #fn: (guard: never) => unknown;
  #guard: Guard | undefined = undefined;

  constructor(outer: Scope | undefined, title: string, fn: (guard: never) => unknown) {
    super(outer);
    this.#title = title;
    this.#fn = fn;
  }

  override get title(): string {
    return this.#title;
  }

  /** The first body that ends is the acquiring; the second one is the function. */
  override bodyEnded(ok: boolean, value: unknown): void {
    if (ok && this.#guard === undefined) {
      this.#guard = value as Guard;
      runBody(this, this.#fn, [value], undefined);
    } else super.bodyEnded(ok, value);
  }

  override leave(): void {
    this.#guard?.[Symbol.dispose]();
    super.leave();
  }
}

/** Runs `fn(guard)` in a block of its own that holds what `source` gives. */
export function holding<G extends Guard, R>(who: string, source: Source<G>, fn: (guard: G) => R): Future<Unwrapped<R>> {
  mustBeFunction(who, fn);
  const block = new Holding(currentScope(), who, fn);
  // In a scope that is cancelled only `acquire` says so.
  block.begin(() => (block.error === undefined ? source.tryAcquire() : undefined) ?? source.acquire(), []);
  return block as unknown as Future<Unwrapped<R>>;
}
