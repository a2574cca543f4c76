import { keepContext } from '../../core/index.js';
import { CallQueue } from '../../futures/index.js';

/** Somebody who waits for room. */
class Entry {
  readonly priority: number;
  readonly go: () => void;
  readonly future = { settled: false };
  seq = 0;
  queued = false;

  constructor(priority: number, go: () => void) {
    this.priority = priority;
    this.go = go;
  }
}

/**
 * Lets no more than so many calls be in progress, wherever they are. Each place has a limit of its own, but while work moves from one to another, or some of it cannot move, there are several places.
 * The higher priority first, then first come, first served.
 */
export class Gate {
  #free: number;
  readonly #waiting = new CallQueue<Entry>();
  #admitting = false;

  constructor(most: number) {
    this.#free = most;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Calls `go` as soon as there is room for one more, which is its until it says `leave`.
   *
   * @returns what takes it back, as long as it waits: whether it did.
   */
  enter(go: () => void, priority = 0): () => boolean {
    if (this.#free > 0 && this.#waiting.size === 0) {
      this.#free--;
      go();
      return () => false;
    }
    const within = keepContext();
    const entry = new Entry(priority, () => within(go));
    this.#waiting.push(entry);
    return () => {
      if (!entry.queued) return false;
      this.#waiting.forget(entry);
      entry.future.settled = true;
      return true;
    };
  }

  /** Takes room for up to `n`, unless others wait. @returns for how many. */
  take(n: number): number {
    if (this.#waiting.size > 0) return 0;
    const taken = Math.min(n, this.#free);
    this.#free -= taken;
    return taken;
  }

  leave(n = 1): void {
    this.#free += n;
    if (this.#admitting) return;
    this.#admitting = true;
    while (this.#free > 0) {
      const entry = this.#waiting.shift();
      if (entry === undefined) break;
      this.#free--;
      entry.go();
    }
    this.#admitting = false;
  }

  /** Everybody may go. */
  open(): void {
    this.leave(Number.POSITIVE_INFINITY);
  }
}
