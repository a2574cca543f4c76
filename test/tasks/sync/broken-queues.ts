import { FutureSource } from 'meantime/futures';
import { cancellable, currentSignal, QueueClosedError } from 'meantime/tasks';
import type { QueueUnderTest } from 'meantime/testing';

/** What is wrong with a queue. */
export interface Faults {
  /** A put wakes somebody, who looks whether the item is still there. */
  barges?: boolean;
  /** Who was cancelled is still in the line, and is handed the item. */
  forgets?: boolean;
  /** There is room for one more. */
  tooLarge?: boolean;
  /** What was put last leaves first. */
  lastFirst?: boolean;
  /** Who waits to put and is cancelled has put all the same. */
  putsAnyway?: boolean;
  /** Closed, it forgets what is in it. */
  drops?: boolean;
}

/** A queue as one would write it with promises, right unless a fault is asked for. */
export class HandmadeQueue implements QueueUnderTest {
  readonly #capacity: number;
  readonly #faults: Faults;
  readonly #items: number[] = [];
  readonly #getters: FutureSource<number>[] = [];
  readonly #putters: { item: number; turn: FutureSource<void> }[] = [];
  #closed = false;

  constructor(capacity: number, faults: Faults = {}) {
    this.#capacity = faults.tooLarge ? capacity + 1 : capacity;
    this.#faults = faults;
  }

  async put(item: number): Promise<void> {
    await cancellable(undefined);
    if (this.tryPut(item)) return;
    const putter = { item, turn: new FutureSource<void>() };
    this.#putters.push(putter);
    await untilTurn(putter.turn, () => {
      if (!this.#faults.putsAnyway) leave(this.#putters, putter);
    });
  }

  tryPut(item: number): boolean {
    if (this.#closed) throw new QueueClosedError('closed');
    if (this.#items.length >= this.#capacity) return false;
    const getter = this.#getters.shift();
    if (getter === undefined || this.#faults.barges) this.#items.push(item);
    getter?.fulfil(item);
    return true;
  }

  async get(): Promise<number> {
    await cancellable(undefined);
    for (;;) {
      const item = this.tryGet();
      if (item !== undefined) return item;
      const turn = new FutureSource<number>();
      this.#getters.push(turn);
      const handed = await untilTurn(turn, () => {
        if (!this.#faults.forgets) leave(this.#getters, turn);
      });
      if (!this.#faults.barges) return handed;
    }
  }

  tryGet(): number | undefined {
    const item = this.#faults.lastFirst ? this.#items.pop() : this.#items.shift();
    if (item === undefined) {
      if (this.#closed) throw new QueueClosedError('closed and empty');
      return undefined;
    }
    const putter = this.#putters.shift();
    if (putter !== undefined) {
      this.#items.push(putter.item);
      putter.turn.fulfil();
    }
    return item;
  }

  close({ discard = false } = {}): number[] {
    this.#closed = true;
    for (const getter of this.#getters.splice(0)) getter.reject(new QueueClosedError('closed'));
    for (const { turn } of this.#putters.splice(0)) turn.reject(new QueueClosedError('closed'));
    if (this.#faults.drops) this.#items.length = 0;
    return discard ? this.#items.splice(0) : [];
  }
}

/** Who is cancelled leaves within the turn. */
async function untilTurn<T>(turn: FutureSource<T>, giveUp: () => void): Promise<T> {
  const signal = currentSignal();
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    return await cancellable(turn.future);
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

function leave<T>(line: T[], who: T): void {
  const at = line.indexOf(who);
  if (at >= 0) line.splice(at, 1);
}
