import { clock, type Follower, type Followers, follow, keepContext } from '../core/index.js';
import { isThenable } from './inputs.js';

/** What a feed is asked for and what it tells. */
export interface FeedOwner<I> {
  /** How many inputs may be taken now; 0 if there is no room. */
  room(): number;
  /** How many belong in the next chunk. */
  chunk(): number;
  launch(inputs: I[]): void;
  /** An input is a promise, and has rejected. */
  failed(input: I, error: unknown): void;
  exhausted(): void;
  broken(error: unknown): void;
  /** Whether a worker has nothing to do, so that waiting for a full chunk would be a loss. */
  idle(): boolean;
}

/**
 * Takes inputs from an iterable, in chunks and only while there is room. A slow asynchronous source is not waited for: what it has given
 * goes out as soon as a worker is idle.
 */
export class Feed<I> implements Follower {
  readonly #owner: FeedOwner<I>;
  readonly #sync: Iterator<I> | undefined;
  readonly #async: AsyncIterator<I> | undefined;
  readonly #array: readonly I[] | undefined;
  /** An input that has to be waited for, before any other is taken. */
  #promised: PromiseLike<I> | undefined;
  #at = 0;
  #held: I[] = [];
  #pulling = false;
  /**
   * With whom it waits for the next input: left when no more is wanted, since that may never come.
   */
  #followers: Followers | undefined = undefined;
  #flushing = false;
  #closed = false;
  readonly #within = keepContext();

  constructor(inputs: Iterable<I> | AsyncIterable<I>, owner: FeedOwner<I>) {
    this.#owner = owner;
    if (Array.isArray(inputs)) this.#array = inputs;
    else if ((inputs as AsyncIterable<I>)[Symbol.asyncIterator]) this.#async = (inputs as AsyncIterable<I>)[Symbol.asyncIterator]();
    else this.#sync = (inputs as Iterable<I>)[Symbol.iterator](); // of a string, too, which `in` would not take
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Takes what there is room for. */
  pull(): void {
    if (this.#closed) return;
    if (this.#pulling) {
      // The source is waited for; a worker that has become idle meanwhile takes what there is.
      if (this.#held.length > 0 && this.#owner.idle()) this.#flushSoon();
      return;
    }
    this.#pulling = true;
    if (this.#async) this.#askNext(this.#async);
    else {
      try {
        if (this.#array) this.#pullArray(this.#array);
        else this.#pullSync(this.#sync as Iterator<I>);
      } catch (error) {
        this.#fail(error);
      }
      if (this.#promised === undefined) this.#pulling = false;
      else this.#await(this.#promised as I & PromiseLike<I>).then(undefined, (error) => this.#fail(error));
    }
  }

  /**
   * One input of those that are given at once; those after it wait for it, as they would in a `for
   * await`.
   */
  async #await(input: I & PromiseLike<I>): Promise<void> {
    this.#promised = undefined;
    await this.#take(input);
    this.#flush();
    this.#pulling = false;
    this.pull();
  }

  /** Takes one input to those that are held, once it is there. */
  async #take(input: I): Promise<void> {
    if (!isThenable(input)) {
      this.#held.push(input);
      return;
    }
    let failure: { error: unknown } | undefined;
    let value: unknown;
    try {
      value = await input;
    } catch (error) {
      failure = { error };
    }
    if (this.#closed) return;
    if (failure === undefined) this.#held.push(value as I);
    else {
      this.#flush();
      this.#owner.failed(input, failure.error);
    }
  }

  /** No more is wanted: the source's own clean-up runs. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#held = [];
    this.#followers?.leave(this);
    this.#sync?.return?.();
    // An async generator that is parked in its own `await` takes its return() only after it: not worth waiting for.
    if (this.#pulling) this.#async?.return?.()?.catch?.(() => undefined);
    else await this.#async?.return?.();
  }

  /** An array is cut, which costs a tenth of asking its iterator for each input. */
  #pullArray(source: readonly I[]): void {
    for (let room = this.#owner.room(); room > 0 && !this.#closed; room = this.#owner.room()) {
      const end = this.#at + Math.min(room, this.#owner.chunk());
      let inputs = source.slice(this.#at, end);
      const promised = inputs.findIndex(isThenable);
      if (promised >= 0) {
        this.#at += promised + 1;
        this.#promised = inputs[promised] as I & PromiseLike<I>;
        inputs = inputs.slice(0, promised);
      } else this.#at = end;
      if (inputs.length > 0) this.#owner.launch(inputs);
      if (promised >= 0) return;
      if (end >= source.length) return this.#end();
    }
  }

  #pullSync(source: Iterator<I>): void {
    for (let room = this.#owner.room(); room > 0 && !this.#closed; room = this.#owner.room()) {
      const size = Math.min(room, this.#owner.chunk());
      const inputs: I[] = [];
      while (inputs.length < size) {
        const step = source.next();
        if (step.done) {
          if (inputs.length > 0) this.#owner.launch(inputs);
          this.#end();
          return;
        }
        if (isThenable(step.value)) {
          this.#promised = step.value as I & PromiseLike<I>;
          break;
        }
        inputs.push(step.value);
      }
      if (inputs.length > 0) this.#owner.launch(inputs);
      if (this.#promised !== undefined) return;
    }
  }

  #askNext(source: AsyncIterator<I>): void {
    if (this.#closed || this.#owner.room() - this.#held.length <= 0) {
      if (!this.#closed) this.#flush();
      this.#pulling = false;
      return;
    }
    try {
      // Somebody's own iterator may give a plain value.
      const asked = Promise.resolve(source.next());
      if (this.#held.length > 0 && this.#owner.idle()) this.#flushSoon();
      this.#followers = follow(asked, this);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The next input is there, or the end. */
  arrive(failed: boolean, value: unknown): void {
    this.#within(() => this.#arrived(failed, value));
  }

  #arrived(failed: boolean, value: unknown): void {
    this.#followers = undefined;
    if (this.#closed) return;
    if (failed) return this.#fail(value);
    try {
      const step = value as IteratorResult<I>;
      if (step.done) {
        this.#flush();
        this.#end();
        this.#pulling = false;
        return;
      }
      if (isThenable(step.value)) {
        this.#take(step.value).then(
          () => this.#askNext(this.#async as AsyncIterator<I>),
          (error) => this.#fail(error),
        );
        return;
      }
      this.#held.push(step.value);
      if (this.#held.length >= this.#owner.chunk()) this.#flush();
    } catch (error) {
      return this.#fail(error);
    }
    this.#askNext(this.#async as AsyncIterator<I>);
  }

  #flush(): void {
    if (this.#held.length === 0) return;
    const inputs = this.#held;
    this.#held = [];
    this.#owner.launch(inputs);
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    clock.soon(() => {
      this.#flushing = false;
      if (!this.#closed && this.#owner.idle()) this.#flush();
    });
  }

  #end(): void {
    this.#closed = true;
    this.#owner.exhausted();
  }

  #fail(error: unknown): void {
    this.#pulling = false;
    if (this.#closed) return;
    this.#closed = true;
    this.#owner.broken(error);
  }
}
