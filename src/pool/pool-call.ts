import type { Timer } from '../core/index.js';
import {
  type AnyFunction,
  Call,
  type CallOptions,
  type CallOwner,
  type ChunkSink,
  type FutureCell,
  type Origin,
} from '../futures/index.js';
import type { PortableFunction } from './portable-function.js';
import type { Seat } from './seat.js';
import type { StreamReader } from './stream-reader.js';

/** A call of a pool: one call, or a chunk of inputs, or a stream. It lives a million times a second, so what is rare is not a field of its own. */
export class PoolCall extends Call {
  readonly target: PortableFunction;
  /** The worker it was sent to, and its number there. */
  seat: Seat | undefined = undefined;
  sentAs = -1;
  /** The message that it was sent with. */
  sentWith: SentMessage | undefined = undefined;
  #rare: Rare | undefined = undefined;

  constructor(
    owner: CallOwner,
    target: PortableFunction,
    fn: AnyFunction,
    args: unknown[],
    options: CallOptions,
    origin: Origin,
    cell?: FutureCell<unknown>,
  ) {
    super(owner, fn, args, options, origin, cell);
    this.target = target;
  }

  get rare(): Rare | undefined {
    return this.#rare;
  }

  /** What only some calls have; made at the first use. */
  get extra(): Rare {
    this.#rare ??= Object.create(null) as Rare; // it is asked for what it has not got: that must not come from a polluted prototype
    return this.#rare;
  }

  get chunk(): ChunkPart | undefined {
    return this.#rare?.chunk;
  }

  get stream(): StreamReader | undefined {
    return this.#rare?.stream;
  }

  /** How long it will keep a worker, in ms; `undefined` if nothing like it has run. */
  get estimate(): number | undefined {
    const { ms } = this.target;
    // What moves its arguments can be sent once only: it must not wait behind others, to be taken back.
    if (this.stream || this.options.transfer) return Number.POSITIVE_INFINITY;
    if (ms === undefined) return undefined;
    return this.chunk ? ms * (this.chunk.to - this.chunk.from) : ms;
  }

  /** It leaves its worker, and will be sent again. */
  again(): void {
    this.requeue();
    if (this.#rare === undefined) return;
    this.#rare.started = false;
    this.#rare.loading = false;
  }

  /** Whether its worker must say when it starts. */
  get timed(): boolean {
    const { timeout } = this.options;
    return timeout !== undefined && timeout !== Number.POSITIVE_INFINITY;
  }
}

/** A message of calls, and how many of them have not been answered. */
export interface SentMessage {
  calls: number;
  /** How long each will take, in ms by estimate; Infinity: not known. */
  readonly each: number;
}

interface Rare {
  chunk?: ChunkPart;
  stream?: StreamReader;
  /** For timed calls: the worker says that it begins. */
  began?: () => void;
  started?: boolean;
  /** The worker is importing its function's module. */
  loading?: boolean;
  timer?: Timer;
  /** Its time ran out; it counts as failed, whatever it still answers. */
  timedOut?: Error;
  /** Its arguments have moved to a worker: it cannot be sent again. */
  moved?: boolean;
  /** How many workers died with it unstarted. */
  bounces?: number;
}

/** The inputs of a chunk, how far they have been answered and how far they may have been started. */
export interface ChunkPart {
  readonly inputs: readonly unknown[];
  readonly stop: boolean;
  readonly sink: ChunkSink;
  /** Where what was sent last begins: after a death the rest goes out again. */
  from: number;
  /** What was sent last ends here: before an input that cannot travel, or at the end. */
  to: number;
  unsendable: unknown;
  /** Answered, counted from the start of the whole chunk. */
  answered: number;
  /** Inputs from here on have not been started. */
  bound: number;
  ms: number;
  /** One of its inputs failed, and no further ones are wanted. */
  over: boolean;
  /** How many workers in a row died before they started any of it. */
  stuck: number;
}
