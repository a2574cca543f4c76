import { isCount, mustBeSaid, NotHeldError, QueueClosedError, WireError } from '../../core/index.js';
import { sizeOf } from '../hub/size-of.js';
import { Ask } from './ask.js';
import type { Broker } from './broker.js';
import { Line } from './line.js';

/** What can be asked of a queue. */
export const QueueOp = { PUT: 0, TRY_PUT: 1, GET: 2, TRY_GET: 3, CLOSE: 4, DISCARD: 5, TASK_DONE: 6, JOIN: 7, SIZE: 8, CLOSED: 9 } as const;
/** What can be told it. */
export const QueueTell = { GIVE_BACK: 0 } as const;

/** Once a `get` has been given so many bytes it is given no more items: its answer is one message. */
const LARGE = 2 ** 20;

/** An item that came back: nobody waits for the answer to its `put`. */
class Returned extends Ask {
  give(): void {}
  hold(): void {}
  refuse(): void {}
}

/**
 * Items, each of them the ask that put it, and those who wait to put and to get. An item is opaque: whoever takes it knows how to read it. A `get` says how many it takes at
 * most, and is served with what is there, at least one.
 */
export class QueueBroker implements Broker {
  readonly lends = undefined;
  readonly ops = 10;
  readonly #capacity: number;
  readonly #items = new Line();
  readonly #putters = new Line();
  readonly #getters = new Line();
  readonly #joiners = new Line();
  /** How many items each party was given and has not given back: more cannot come back. */
  readonly #given = new WeakMap<object, number>();
  #unfinished = 0;
  #closed = false;
  #isDue = false;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#items.size;
  }

  get waiting(): number {
    return this.#putters.size + this.#getters.size;
  }

  ask(op: number, ask: Ask): void {
    switch (op) {
      case QueueOp.PUT:
      case QueueOp.TRY_PUT:
        this.#put(ask, op === QueueOp.PUT);
        return;
      case QueueOp.GET:
      case QueueOp.TRY_GET:
        mustBeSaid(isCount(ask.data) && ask.data > 0, 'Who gets items', 'how many at most', ask.data);
        this.#get(ask, op === QueueOp.GET);
        return;
      case QueueOp.CLOSE:
      case QueueOp.DISCARD:
        ask.give(this.#close(op === QueueOp.DISCARD));
        return;
      case QueueOp.TASK_DONE:
        if (this.#unfinished === 0)
          ask.refuse(new NotHeldError('taskDone() was called more often than items were put. Expected one call for each item'));
        else {
          this.#finished(1);
          ask.give(undefined);
        }
        return;
      case QueueOp.JOIN:
        if (this.#unfinished === 0) ask.give(undefined);
        else this.#joiners.push(ask);
        return;
      case QueueOp.SIZE:
        this.flush();
        ask.give(this.#items.size);
        return;
      default:
        ask.give(this.#closed);
    }
  }

  cancel(ask: Ask): void {
    ask.line?.remove(ask);
  }

  release(): boolean {
    return false;
  }

  /** Whoever waits leaves. What it has put stays. */
  lost(ask: Ask): void {
    if (ask.line !== this.#items) ask.line?.remove(ask);
  }

  /** Looks at the whole queue: it is asked for only where a cancellation crosses its answer. */
  recall(is: (ask: Ask) => boolean): boolean {
    for (const item of this.#items) {
      if (!is(item)) continue;
      this.#items.remove(item);
      this.#finished(1);
      this.flush();
      return true;
    }
    return false;
  }

  tell(op: number, _ask: Ask | undefined, data: unknown, party: object): void {
    mustBeSaid(op === QueueTell.GIVE_BACK && Array.isArray(data), 'Who gives items back', 'which', data);
    const given = this.#given.get(party) ?? 0;
    if (data.length > given) throw new WireError(`${data.length} items came back to a queue from one that was given ${given}`);
    this.#given.set(party, given - data.length);
    const items = data as unknown[];
    for (let i = items.length - 1; i >= 0; i--) this.#items.unshift(new Returned(this, items[i]));
    this.#due();
  }

  /**
   * Serves those who wait. Not at each `put`: what came together is given together. Nobody gets in between, for whoever comes meanwhile stands behind those who wait,
   * or calls this first.
   */
  flush(): void {
    this.#isDue = false;
    for (;;) {
      const getter = this.#items.size > 0 ? this.#getters.shift() : undefined;
      if (getter !== undefined) this.#give(getter);
      else if (!this.#refill()) break;
    }
    if (this.#closed && this.#items.size === 0) {
      for (const first of this.#getters.drain()) first.refuse(refusal('get an item from', true));
    }
  }

  #put(ask: Ask, mayWait: boolean): void {
    if (this.#closed) {
      ask.refuse(refusal('put an item into'));
      return;
    }
    if (this.#items.size >= this.#capacity && this.#getters.size > 0) this.flush();
    if (this.#items.size < this.#capacity && this.#putters.size === 0) {
      this.#accept(ask);
      ask.give(true);
      if (this.#getters.size > 0) this.#due();
    } else if (mayWait) this.#putters.push(ask);
    else ask.give(false);
  }

  #accept(ask: Ask): void {
    this.#items.push(ask);
    this.#unfinished++;
  }

  #get(ask: Ask, mayWait: boolean): void {
    if (this.#getters.size > 0) this.flush();
    if (this.#items.size > 0) {
      this.#give(ask);
      this.#refill();
    } else if (this.#closed) ask.refuse(refusal('get an item from', true));
    else if (mayWait) this.#getters.push(ask);
    else ask.give([]);
  }

  #give(getter: Ask): void {
    const items = this.#take(getter.data as number);
    this.#given.set(getter.party, (this.#given.get(getter.party) ?? 0) + items.length);
    getter.give(items);
  }

  #take(most: number): unknown[] {
    const taken: unknown[] = [];
    let size = 0;
    while (taken.length < most && size < LARGE) {
      const item = this.#items.shift();
      if (item === undefined) break;
      taken.push(item.data);
      size += sizeOf(item.data);
      // A large `get` may take more than the queue holds: what waits to come in goes on as it empties.
      if (this.#items.size === 0 && taken.length < most) this.#refill();
    }
    return taken;
  }

  /** @returns Whether anything came in. */
  #refill(): boolean {
    let came = false;
    while (this.#items.size < this.#capacity) {
      const putter = this.#putters.shift();
      if (putter === undefined) break;
      this.#accept(putter);
      putter.give(true);
      came = true;
    }
    return came;
  }

  #close(discard: boolean): unknown[] {
    this.flush();
    this.#closed = true;
    for (const first of this.#putters.drain()) first.refuse(refusal('put an item into'));
    const left: unknown[] = [];
    if (discard) {
      for (const item of this.#items.drain()) left.push(item.data);
      this.#finished(left.length);
    }
    this.flush();
    return left;
  }

  #finished(items: number): void {
    // Of what is discarded some may have been called done before it was taken out.
    this.#unfinished = Math.max(0, this.#unfinished - items);
    if (this.#unfinished > 0) return;
    for (const first of this.#joiners.drain()) first.give(undefined);
  }

  #due(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      if (this.#isDue) this.flush();
    });
  }
}

function refusal(what: string, empty = false): QueueClosedError {
  return new QueueClosedError(`Cannot ${what} this queue: it is closed${empty ? ' and empty' : ''}`);
}
