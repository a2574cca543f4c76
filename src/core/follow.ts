import { outside } from './context.js';

/** Somebody who waits for a promise of somebody else's. */
export interface Follower {
  /** It has settled. Must not throw. */
  arrive(failed: boolean, value: unknown): void;
}

/**
 * Those who wait for one promise, behind one reaction. A promise cannot be told to forget a
 * reaction: one for each wait would stay, with all that it holds, for as long as the promise is
 * pending, which may be for ever.
 */
export class Followers {
  readonly #promise: PromiseLike<unknown>;
  #one: Follower | undefined;
  /** As soon as there are several. */
  #more: Set<Follower> | undefined = undefined;
  #isShared = false;

  constructor(promise: PromiseLike<unknown>, first: Follower) {
    this.#promise = promise;
    this.#one = first;
    // The reaction stays as long as the promise is pending: it must not hold the context of whoever
    // came first.
    outside(() =>
      promise.then(
        (value) => this.#settle(false, value),
        (error) => this.#settle(true, error),
      ),
    );
  }

  /** Whether it is the reaction of that promise. */
  isOf(promise: PromiseLike<unknown>): boolean {
    return this.#promise === promise;
  }

  add(follower: Follower): void {
    this.#share();
    if (this.#more !== undefined) this.#more.add(follower);
    else if (this.#one === undefined) this.#one = follower;
    else {
      this.#more = new Set([this.#one, follower]);
      this.#one = undefined;
    }
  }

  /** Takes it back; nothing happens if it was told before. */
  leave(follower: Follower): void {
    if (this.#one === follower) this.#one = undefined;
    else if (this.#more?.delete(follower) && this.#more.size === 0) this.#more = undefined;
    this.#share();
  }

  /** For those who come later. Not from the start: most promises have one follower, and settle. */
  #share(): void {
    if (recent === this) recent = undefined;
    if (this.#isShared || shared.has(this.#promise)) return;
    this.#isShared = true;
    shared.set(this.#promise, this);
  }

  #settle(failed: boolean, value: unknown): void {
    if (recent === this) recent = undefined;
    if (this.#isShared) shared.delete(this.#promise);
    this.#isShared = true; // never again: who leaves now, leaves nothing
    this.#one?.arrive(failed, value);
    // A follower that is told may make another leave, which then is not told.
    if (this.#more !== undefined) for (const follower of this.#more) follower.arrive(failed, value);
  }
}

/** Somebody who was there, and hears of nothing. */
const nobody: Follower = { arrive() {} };

/** A failure of the promise is nobody's: as often as this is said, it is one reaction. */
export function disown(promise: PromiseLike<unknown>): void {
  follow(promise, nobody);
}

/** Found by the promise: those that somebody has left, or that have several followers. */
const shared = new WeakMap<PromiseLike<unknown>, Followers>();

/**
 * The last one that was made, until it is shared or its promise has settled: a crowd that waits for
 * one promise comes all at once.
 */
let recent: Followers | undefined;

/**
 * Tells `follower` once the promise has settled, in the order in which they came.
 *
 * @param promise Must keep to the rules of promises, and begin nothing by a call of its `then`: two
 * who follow it may get the outcome of one.
 * @returns Whom to leave; nothing stays behind then but what is shared with all who come later.
 */
export function follow(promise: PromiseLike<unknown>, follower: Follower): Followers {
  const known = recent?.isOf(promise) ? recent : shared.get(promise);
  if (known === undefined) {
    recent = new Followers(promise, follower);
    return recent;
  }
  known.add(follower);
  return known;
}
