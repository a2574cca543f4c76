import { keepContext } from '../../core/index.js';
import { CallQueue } from '../../futures/index.js';

/** Where a call is to be in progress: on this thread, or on threads that have a queue, and a limit, of their own. */
export type Place = 'here' | 'there';

/** Somebody who waits for room. */
class Entry {
  readonly place: Place;
  readonly priority: number;
  readonly go: () => void;
  readonly future = { settled: false };
  seq = 0;
  queued = false;

  constructor(place: Place, priority: number, go: () => void) {
    this.place = place;
    this.priority = priority;
    this.go = go;
  }
}

/** Calls that were handed to threads between two changes of their size. */
export class Era {
  out = 0;
}

/**
 * Lets no more than so many calls be in progress, wherever they are. Each place has a limit of its own, but while work moves from one to the other, or some of it cannot move, both are in use. As
 * long as only the threads are, they limit themselves, and what is handed to them may wait there. The higher priority first, then first come, first served.
 */
export class Gate {
  readonly most: number;
  /** Less than 0 if some wait at the threads. */
  #free: number;
  #here = 0;
  readonly #waiting = new CallQueue<Entry>();
  #admitting = false;
  #era = new Era();
  #eras = new Set([this.#era]);

  constructor(most: number) {
    this.most = most;
    this.#free = most;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Calls `go` as soon as there is room for one more, which is its until it calls the `leave` that it is given.
   *
   * @returns what takes it back, as long as it waits: whether it did.
   */
  enter(place: Place, go: (leave: () => void) => void, priority = 0): () => boolean {
    if (this.#waiting.size === 0 && this.#hasRoom(place)) {
      go(this.#admit(place));
      return () => false;
    }
    const within = keepContext();
    const entry = new Entry(place, priority, () => {
      const leave = this.#admit(place);
      within(() => go(leave));
    });
    this.#waiting.push(entry);
    return () => {
      if (!entry.queued) return false;
      this.#waiting.forget(entry);
      entry.future.settled = true;
      this.#next(); // it may have been the one that all others waited behind
      return true;
    };
  }

  /** Takes room here for up to `n`, unless others wait. @returns for how many. */
  take(n: number): number {
    if (this.#waiting.size > 0) return 0;
    const taken = Math.max(0, Math.min(n, this.#free));
    this.#free -= taken;
    this.#here += taken;
    return taken;
  }

  /** Takes all room here, if nobody has any. @returns whether it did. */
  takeAll(): boolean {
    return this.#free === this.most && this.#waiting.size === 0 && this.take(this.most) > 0;
  }

  /** Gives back what was taken. */
  give(n: number): void {
    this.#free += n;
    this.#here -= n;
    this.#next();
  }

  /** Everybody may go. */
  open(): void {
    this.#free = Number.POSITIVE_INFINITY;
    this.#next();
  }

  /** Begins another era. @returns whether all calls of those before it have ended. */
  turn(): () => boolean {
    this.#era = new Era();
    const before = [...this.#eras];
    this.#eras.add(this.#era);
    return () => {
      for (const era of before) if (era.out === 0) this.#eras.delete(era);
      return before.every(({ out }) => out === 0);
    };
  }

  #hasRoom(place: Place): boolean {
    return this.#free > 0 || (place === 'there' && this.#here === 0);
  }

  #admit(place: Place): () => void {
    if (place === 'here') {
      this.#here++;
      this.#free--;
      return () => this.give(1);
    }
    const era = this.#era;
    era.out++;
    this.#free--;
    return () => {
      era.out--;
      this.#free++;
      this.#next();
    };
  }

  #next(): void {
    if (this.#admitting) return;
    this.#admitting = true;
    try {
      this.#admitAll();
    } finally {
      this.#admitting = false; // one that cannot be sent must not shut out all others
    }
  }

  #admitAll(): void {
    for (let entry = this.#waiting.peek(); entry !== undefined && this.#hasRoom(entry.place); entry = this.#waiting.peek()) {
      this.#waiting.shift();
      entry.go();
    }
  }
}
