import { Deque, Heap } from '../core/index.js';

/** What a queue needs to know of a call. */
interface Queued {
  readonly priority: number;
  seq: number;
  queued: boolean;
  readonly future: { readonly settled: boolean };
}

/**
 * Who goes next: the higher priority first, then first in, first out. Calls of priority 0 never see the heap. A call that was cancelled
 * stays in its place until that comes up, and is not counted.
 */
export class CallQueue<C extends Queued> {
  readonly #plain = new Deque<C>();
  readonly #ranked = new Heap<C>((a, b) => a.priority > b.priority || (a.priority === b.priority && a.seq < b.seq));
  #seq = 0;
  #returned = 0;
  #size = 0;

  /** Calls that still want to run. */
  get size(): number {
    return this.#size;
  }

  push(call: C): void {
    call.seq = ++this.#seq;
    this.#enter(call);
    if (call.priority === 0) this.#plain.push(call);
    else this.#ranked.push(call);
  }

  /** Back to the front: it was here before all others. */
  putBack(call: C): void {
    call.seq = --this.#returned;
    this.#enter(call);
    if (call.priority === 0) this.#plain.unshift(call);
    else this.#ranked.push(call);
  }

  /** A call is about to be settled elsewhere: if it is still in here, it no longer counts. */
  forget(call: C): void {
    if (!call.queued) return;
    call.queued = false;
    this.#size--;
  }

  #enter(call: C): void {
    call.queued = true;
    this.#size++;
  }

  peek(): C | undefined {
    let ranked = this.#ranked.peek();
    while (ranked?.future.settled) {
      this.#ranked.pop();
      ranked = this.#ranked.peek();
    }
    let plain = this.#plain.peek();
    while (plain?.future.settled) {
      this.#plain.shift();
      plain = this.#plain.peek();
    }
    if (ranked !== undefined && (ranked.priority > 0 || plain === undefined)) return ranked;
    return plain;
  }

  shift(): C | undefined {
    const call = this.peek();
    if (call === undefined) return undefined;
    this.forget(call);
    if (call === this.#ranked.peek()) this.#ranked.pop();
    else this.#plain.shift();
    return call;
  }

  /** Takes everything out. */
  drain(): C[] {
    const all: C[] = [];
    for (let call = this.shift(); call !== undefined; call = this.shift()) all.push(call);
    return all;
  }
}
