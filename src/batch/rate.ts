import { clock, Deque } from '../core/index.js';

/** How much of a second's allowance may be saved up: timers tick in ms, so a high rate needs some slack, a low one gets none. */
const SAVED = 0.05;

/** Lets `perSecond` calls start per second, evenly, first in first out: a bucket that tokens drip into. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #most: number;
  #tokens = 1;
  #at = clock.now();
  readonly #waiting = new Deque<() => void>();
  #ticking = false;

  constructor(perSecond: number) {
    this.#perMs = perSecond / 1000;
    this.#most = Math.max(1, perSecond * SAVED);
  }

  /** Takes a token if there is one and nobody waits for it. */
  tryTake(): boolean {
    if (this.#waiting.size > 0) return false;
    this.#drip();
    return this.#spend();
  }

  /** Calls `granted` once a token has been taken for it. */
  take(granted: () => void): void {
    this.#waiting.push(granted);
    this.#tick();
  }

  #tick(): void {
    if (this.#ticking) return;
    this.#drip();
    while (this.#waiting.size > 0 && this.#spend()) this.#waiting.shift()?.();
    if (this.#waiting.size === 0) return;
    this.#ticking = true;
    clock.after((1 - this.#tokens) / this.#perMs, () => {
      this.#ticking = false;
      this.#tick();
    });
  }

  #spend(): boolean {
    // A timer may fire a hair early by the clock's reckoning.
    if (this.#tokens < 1 - 1e-6) return false;
    this.#tokens = Math.max(0, this.#tokens - 1);
    return true;
  }

  #drip(): void {
    const now = clock.now();
    this.#tokens = Math.min(this.#most, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
  }
}
