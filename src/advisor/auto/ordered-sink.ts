import { has } from '../../core/index.js';
import type { ChunkSink } from '../../futures/index.js';

type Answer = { values: ArrayLike<unknown> } | { error: unknown };

/** Brings what comes of several pieces of a chunk into the order of its inputs. */
export class OrderedSink {
  readonly #sink: ChunkSink;
  readonly #stop: boolean;
  /** The first input that has not been answered for. */
  #next = 0;
  readonly #early = new Map<number, Answer>();

  /** @param stop Whether the first failure is the end: nothing is told of the inputs after it. */
  constructor(sink: ChunkSink, stop: boolean) {
    this.#sink = sink;
    this.#stop = stop;
  }

  values(from: number, values: ArrayLike<unknown>): void {
    this.#put(from, { values });
  }

  failed(at: number, error: unknown): void {
    this.#put(at, { error });
  }

  #put(at: number, answer: Answer): void {
    if (at !== this.#next) {
      if (this.#next < Number.POSITIVE_INFINITY) this.#early.set(at, answer);
      return;
    }
    for (let due: Answer | undefined = answer; due !== undefined; due = this.#early.get(this.#next)) {
      const from = this.#next;
      this.#early.delete(from);
      if (has(due, 'error')) {
        this.#next = this.#stop ? Number.POSITIVE_INFINITY : from + 1;
        this.#sink.failed(from, due.error);
      } else {
        this.#next += due.values.length;
        this.#sink.values(from, due.values);
      }
    }
  }
}
