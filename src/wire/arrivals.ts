import { decode, missingKinds } from './marks.js';
import { isEnveloped } from './message.js';

/**
 * The messages of one connection, decoded and in their order. The first handle of a room brings its makers with it, which have to be imported; what comes in
 * the meantime waits behind it.
 */
export class Arrivals {
  readonly #take: (message: unknown[]) => void;
  readonly #broken: (error: unknown) => void;
  readonly #waiting: unknown[][] = [];
  #idle: (() => void) | undefined;
  #isBroken = false;

  /** @param broken Told of a message that cannot be decoded: there is nobody to answer for it, and what comes after it is not taken. */
  constructor(take: (message: unknown[]) => void, broken: (error: unknown) => void) {
    this.#take = take;
    this.#broken = broken;
  }

  receive(message: unknown[]): void {
    if (this.#isBroken) return;
    if (this.#waiting.length > 0) this.#waiting.push(message);
    else if (!this.#ready(message)) this.#waiting.push(message);
  }

  /** Calls `fn` once nothing waits: at once, most often. */
  whenIdle(fn: () => void): void {
    if (this.#waiting.length === 0) fn();
    else this.#idle = fn;
  }

  /** @returns `false` if something has to be loaded first. */
  #ready(message: unknown[]): boolean {
    if (!isEnveloped(message)) {
      this.#take(message);
      return true;
    }
    let loading: Promise<unknown> | undefined;
    try {
      loading = missingKinds(message.slice(1));
    } catch (error) {
      this.#breaks(error);
      return true;
    }
    if (loading !== undefined) {
      const go = () => this.#goOn();
      // What could not be loaded is told by the decoding.
      loading.then(go, go);
      return false;
    }
    const decoded = this.#decoded(message);
    if (decoded !== undefined) this.#take(decoded);
    return true;
  }

  #goOn(): void {
    const [first] = this.#waiting;
    const decoded = this.#decoded(first);
    this.#waiting.shift();
    if (decoded !== undefined) this.#take(decoded);
    while (this.#waiting.length > 0 && !this.#isBroken) {
      if (!this.#ready(this.#waiting[0])) return;
      this.#waiting.shift();
    }
    this.#idle?.();
  }

  #decoded(message: unknown[]): unknown[] | undefined {
    try {
      return decode(message.slice(1)) as unknown[];
    } catch (error) {
      this.#breaks(error);
      return undefined;
    }
  }

  #breaks(error: unknown): void {
    this.#isBroken = true;
    this.#waiting.length = 0;
    this.#broken(error);
  }
}
