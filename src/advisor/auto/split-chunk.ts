import { keepContext } from '../../core/index.js';
import type { AnyFunction, CallOptions, ChunkSink, MapHost, Origin } from '../../futures/index.js';
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
export type Send = MapHost['chunk'];

/** Inputs that have gone out together. */
interface Piece {
  readonly from: number;
  /** How many it is answered for: fewer than went out once the rest was given back. */
  n: number;
  answered: number;
  cancel: ((reason?: unknown) => void) | undefined;
  /** Nobody waits for what comes of it any more. */
  dropped: { reason: unknown } | undefined;
}

/** A chunk of a map whose inputs go out in pieces, each to wherever it is best at that moment. To its map it is one chunk. */
export class SplitChunk {
  readonly fn: AnyFunction;
  /** Whether it comes from inside a call that runs here, and has that one's place. */
  isNested = false;
  readonly #inputs: readonly unknown[];
  readonly #options: CallOptions;
  readonly #origin: Origin;
  readonly #stop: boolean;
  readonly #sink: ChunkSink;
  readonly #answers: Pick<ChunkSink, 'values' | 'failed'>;
  readonly #watch: Watch;
  /** Pieces go out later, from other contexts; a call runs in that of its map. */
  readonly #within = keepContext();
  readonly #out = new Set<Piece>();
  /** The first input that has not gone out. */
  #next = 0;
  #ms = 0;
  #stopped = false;
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
    this.#answers = sink.inOrder ? new OrderedSink(sink, stop) : sink;
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
    const piece: Piece = { from: this.#next, n, answered: 0, cancel: undefined, dropped: undefined };
    const { from } = piece;
    this.#next += n;
    this.#out.add(piece);
    const isLast = this.left === 0;
    const inputs = n === this.#inputs.length ? this.#inputs : this.#inputs.slice(from, this.#next);
    const sink: ChunkSink = {
      rest: undefined,
      left: undefined,
      inOrder: this.#sink.inOrder,
      values: (at, values) => {
        if (piece.dropped || !this.#out.has(piece)) return;
        piece.answered += values.length;
        this.#watch.ended(values.length);
        this.#answers.values(from + at, values);
      },
      failed: (at, error) => {
        if (piece.dropped || !this.#out.has(piece)) return;
        piece.answered++;
        this.#watch.ended(1, { reason: error });
        if (this.#stop) this.#stopAfter(from + at, error);
        this.#answers.failed(from + at, error);
      },
      ended: (ms) => {
        this.#out.delete(piece);
        this.#ms += ms;
        landed?.(ms);
        if (!piece.dropped) {
          this.#drop(piece, undefined);
          if (isLast && this.left > 0) this.#watch.rest(this);
        }
        this.#endIfDone();
      },
    };
    if (isLast) {
      sink.rest = (at) => {
        if (this.#stopped) return;
        piece.n = at;
        this.#next = from + at;
      };
    }
    this.#within(() => {
      piece.cancel = by(this.fn, inputs, this.#options, this.#origin, this.#stop, sink);
    });
    // It was cancelled before that was known how.
    if (piece.dropped && this.#out.has(piece)) piece.cancel?.(piece.dropped.reason);
  }

  /** What is out is cancelled, what is not out never goes. */
  cancel(reason: unknown): void {
    this.#stopAfter(-1, reason);
    this.#endIfDone();
  }

  /** What is not out fails. */
  fail(error: unknown): void {
    while (this.left > 0) {
      const at = this.#next++;
      this.#watch.ended(1, { reason: error });
      if (this.#stop) this.#stopAfter(at, error);
      this.#answers.failed(at, error);
    }
    this.#endIfDone();
  }

  /** What comes after an input is of no use to anybody; what is before it goes on. */
  #stopAfter(at: number, reason: unknown): void {
    this.#stopped = true;
    const { left } = this;
    this.#next = this.#inputs.length;
    if (left > 0) this.#watch.dropped(left);
    for (const piece of [...this.#out]) {
      if (piece.from <= at || piece.dropped) continue;
      this.#drop(piece, { reason });
      piece.cancel?.(reason);
    }
  }

  #drop(piece: Piece, dropped: Piece['dropped']): void {
    piece.dropped = dropped;
    const unanswered = piece.n - piece.answered;
    if (unanswered > 0) this.#watch.dropped(unanswered);
  }

  #endIfDone(): void {
    if (this.#ended || this.left > 0 || this.#out.size > 0) return;
    this.#ended = true;
    this.#sink.ended(this.#ms);
  }
}
