import { type Parcel, travels } from '../../core/index.js';
import type { Access } from './access.js';
import type { Origin } from './origin.js';

/** Where the rest of this folder finds the broker of a handle. */
export const access: unique symbol = Symbol('access');

/** What the handles of all shared objects have in common: they travel, and can be let go of. */
export abstract class Handle implements Disposable {
  readonly #origin: Origin;
  readonly #kind: string;
  readonly #settings: readonly unknown[];

  /**
   * @internal
   * @param settings What it was made with, to be known wherever it goes.
   */
  constructor(kind: string, origin: Origin, settings: readonly unknown[] = []) {
    this.#kind = kind;
    this.#origin = origin;
    this.#settings = settings;
  }

  /** @internal */
  get [access](): Access {
    return this.#origin.access;
  }

  /**
   * It arrives in other processes and threads as itself.
   *
   * @internal
   */
  [travels](): Parcel {
    return { kind: `processes/${this.#kind}`, parts: [this.#origin.where(), ...this.#settings] };
  }

  /**
   * Lets go of it. In the process that made it, that is its end: whoever waits for it anywhere gets a ConnectionClosedError. Elsewhere it is the end of this process's part in
   * it, for all handles of it here: what they hold is freed.
   */
  [Symbol.dispose](): void {
    this.#origin.end();
  }
}
