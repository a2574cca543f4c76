import { keepContext } from '../../core/index.js';
import type { AnyFunction, CallOptions, ChunkSink, Origin } from '../../futures/index.js';
import { OrderedSink } from './ordered-sink.js';

/** Told of the calls that end. */
export interface Watch {
  ended(calls: number, error?: { reason: unknown }): void;
  /** Nobody will answer for them. */
  dropped(calls: number): void;
  /** What is left of the chunk has come back and has to go out again. */
  rest(chunk: SplitChunk): void;
}

/** How a piece is sent: the `chunk` of an executor. */
export type Send = (
  fn: AnyFunction,
  inputs: readonly unknown[],
  options: CallOptions,
  origin: Origin,
  stop: boolean,
  sink: ChunkSink,
) => (reason?: unknown) => void;

/** A chunk of a map whose inputs go out in pieces, each to wherever it is best at that moment. To its map it is one chunk. */
export class SplitChunk {
  readonly fn: AnyFunction;
  readonly #inputs: readonly unknown[];
  readonly #options: CallOptions;
  readonly #origin: Origin;
  readonly #stop: boolean;
  readonly #sink: ChunkSink;
  readonly #answers: Pick<ChunkSink, 'values' | 'failed'>;
  readonly #watch: Watch;
  /** Pieces go out later, from other contexts; a call runs in that of its map. */
  readonly #within = keepContext();
  readonly #cancels = new Set<(reason?: unknown) => void>();
  /** The first input that has not gone out. */
  #next = 0;
  #answered = 0;
  #ms = 0;
  #ended = false;

  constructor(
    fn: AnyFunction,
    inputs: readonly unknown[],
    options: CallOptions,
    origin: Origin,
    stop: boolean,
    sink: ChunkSink,
    watch: Watch,
  ) {
    this.fn = fn;
    this.#inputs = inputs;
    this.#options = options;
    this.#origin = origin;
    this.#stop = stop;
    this.#sink = sink;
    this.#answers = sink.inOrder ? new OrderedSink(sink) : sink;
    this.#watch = watch;
  }

  /** How many inputs have not gone out. */
  get left(): number {
    return this.#inputs.length - this.#next;
  }

  /** How many inputs of its map have not even come here, if that is known. */
  get beyond(): number | undefined {
    return this.#sink.left?.();
  }

  /** Sends the next `n` inputs. `landed` is told when they have been answered for, with what they took in ms. */
  send(n: number, by: Send, landed?: (ms: number) => void): void {
    const from = this.#next;
    this.#next += n;
    const isLast = this.left === 0;
    const whole = n === this.#inputs.length;
    const inputs = whole ? this.#inputs : this.#inputs.slice(from, this.#next);
    let over = false;
    let cancel: ((reason?: unknown) => void) | undefined;
    const sink: ChunkSink = {
      inOrder: this.#sink.inOrder,
      values: (at, values) => {
        this.#answered += values.length;
        this.#watch.ended(values.length);
        this.#answers.values(from + at, values);
      },
      failed: (at, error) => {
        this.#answered++;
        this.#watch.ended(1, { reason: error });
        if (this.#stop) this.#next = this.#inputs.length;
        this.#answers.failed(from + at, error);
      },
      ended: (ms) => {
        over = true;
        if (cancel) this.#cancels.delete(cancel);
        this.#ms += ms;
        landed?.(ms);
        if (isLast && this.left > 0) this.#watch.rest(this);
        this.#endIfDone();
      },
    };
    if (isLast) {
      sink.rest = (at) => {
        this.#next = from + at;
      };
    }
    this.#within(() => {
      cancel = by(this.fn, inputs, this.#options, this.#origin, this.#stop, sink);
    });
    if (!over && cancel) this.#cancels.add(cancel);
  }

  /** What is out is cancelled, what is not out never goes. */
  cancel(reason: unknown): void {
    this.#next = this.#inputs.length;
    for (const cancel of [...this.#cancels]) cancel(reason);
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#ended || this.left > 0 || this.#cancels.size > 0) return;
    this.#ended = true;
    if (this.#answered < this.#inputs.length) this.#watch.dropped(this.#inputs.length - this.#answered);
    this.#sink.ended(this.#ms);
  }
}
