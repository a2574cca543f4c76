import type { Timer } from '../core/index.js';
import { type AnyFunction, Call, type CallOptions, type CallOwner, type ChunkSink, type Origin } from '../futures/index.js';
import type { PortableFunction } from './portable-function.js';
import type { Seat } from './seat.js';
import type { StreamReader } from './stream-reader.js';

/** A call of a pool: one call, or a chunk of inputs, or a stream. */
export class PoolCall extends Call {
  readonly target: PortableFunction;
  chunk: ChunkPart | undefined = undefined;
  stream: StreamReader | undefined = undefined;
  /** Its function's reference is being found out. */
  finding = false;
  /** The worker it was sent to, and its number there. */
  seat: Seat | undefined = undefined;
  sentAs = -1;
  sentLoad = 0;
  /** For timed calls: the worker says that it begins. */
  began: (() => void) | undefined = undefined;
  timer: Timer | undefined = undefined;
  /** Its time ran out; it counts as failed, whatever it still answers. */
  timedOut: Error | undefined = undefined;

  constructor(owner: CallOwner, target: PortableFunction, fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin) {
    super(owner, fn, args, options, origin);
    this.target = target;
  }

  /** How long it will keep a worker, in ms; `undefined` if nothing like it has run. */
  get estimate(): number | undefined {
    const { ms } = this.target;
    if (this.stream) return Number.POSITIVE_INFINITY;
    if (ms === undefined) return undefined;
    return this.chunk ? ms * (this.chunk.to - this.chunk.from) : ms;
  }

  /** Whether its worker must say when it starts. */
  get timed(): boolean {
    const { timeout } = this.options;
    return timeout !== undefined && timeout !== Number.POSITIVE_INFINITY;
  }
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
}
