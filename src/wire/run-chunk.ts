import { bare, clock, drive, isCoroutine, type LazySignal, letLeave, runAs } from '../core/index.js';
import type { Claims } from './claims.js';
import { enveloped, type Port, ToPool } from './message.js';
import { notCloneable } from './not-cloneable.js';
import { packNumbers } from './pack.js';
import { transferListOf } from './transfer.js';
import { whileGathering } from './unsent.js';
import { Encoder, failureMessage, needsCode } from './value.js';

/** How long the values of a chunk may gather before they leave, in ms: what a crash can take along. */
const GATHER = 8;

/** A function as a worker knows it. */
export interface Known {
  readonly name: string;
  fn: ((...args: unknown[]) => unknown) | undefined;
  /** How many inputs of a chunk fit into one message's time. */
  window: number;
}

/**
 * Calls a function for each input and posts the values as it goes. Before it starts an input it has told how far it may go: in shared memory
 * to the input, else to the end of a window of a few milliseconds. After a death the pool knows by that what never started.
 *
 * @param most After so many ms no further input is started; what is left is not answered for.
 * @returns The ms it took.
 * @throws the signal's reason, if it was aborted on the way.
 */
export async function runChunk(
  port: Port,
  claims: Claims | undefined,
  seq: number,
  known: Known,
  inputs: ArrayLike<unknown>,
  stop: boolean,
  most: number | undefined,
  context: LazySignal,
): Promise<number> {
  const fn = known.fn as (...args: unknown[]) => unknown;
  const began = clock.now();
  const chunk = new ChunkRun(port, claims, seq, known, inputs);
  await whileGathering(
    () => chunk.leave(),
    async () => {
      while (chunk.at < inputs.length && !(stop && chunk.failed)) {
        if (context.aborted) throw context.signal.reason;
        if (most !== undefined && chunk.at > 0 && clock.now() - began > most) break;
        // Synchronous as far as it goes: an `await` for each input would cost more than most inputs.
        const pending = runAs(context, runWindow, [chunk, fn, stop]);
        if (pending === undefined) continue;
        if (chunk.values.length > 0) clock.soon(() => chunk.postIfAny()); // it may wait long
        try {
          chunk.put(await pending);
        } catch (error) {
          chunk.fail(error);
        }
      }
      chunk.post();
    },
  );
  return clock.now() - began;
}

/** Runs one window; returns early with what an input gave if that must be waited for. */
function runWindow(chunk: ChunkRun, fn: (input: unknown) => unknown, stop: boolean): PromiseLike<unknown> | undefined {
  const { inputs } = chunk;
  const end = chunk.announce();
  while (chunk.at < end) {
    const at = chunk.at++;
    chunk.claims?.progress(at + 1);
    let value: unknown;
    try {
      value = fn(inputs[at]);
      if (typeof value === 'object' && value !== null) {
        if (isCoroutine(value)) value = drive(value);
        if (typeof (value as PromiseLike<unknown>).then === 'function') return value as PromiseLike<unknown>;
      }
    } catch (error) {
      chunk.fail(error);
      if (stop) return undefined;
      continue;
    }
    chunk.values.push(value);
  }
  chunk.windowDone();
  return undefined;
}

class ChunkRun {
  readonly claims: Claims | undefined;
  readonly inputs: ArrayLike<unknown>;
  /** The next input to start. */
  at = 0;
  values: unknown[] = [];
  failed = false;
  readonly #port: Port;
  readonly #seq: number;
  readonly #known: Known;
  #posted = 0;
  #bound = 0;
  #windowAt = 0;
  #windowFrom = 0;

  constructor(port: Port, claims: Claims | undefined, seq: number, known: Known, inputs: ArrayLike<unknown>) {
    this.#port = port;
    this.claims = claims;
    this.#seq = seq;
    this.#known = known;
    this.inputs = inputs;
  }

  /** Makes known how far the next window goes, and returns it. */
  announce(): number {
    const end = Math.min(this.inputs.length, this.at + this.#known.window);
    this.#windowAt = clock.now();
    this.#windowFrom = this.at;
    if (end > this.#bound) {
      this.#bound = end;
      if (this.values.length > 0 || !this.claims) this.post();
    }
    return end;
  }

  windowDone(): void {
    const known = this.#known;
    const took = clock.now() - this.#windowAt;
    const ran = this.at - this.#windowFrom;
    if (ran === 0) return;
    const fits = (ran * GATHER) / Math.max(took, 1e-4);
    known.window = Math.max(1, Math.floor(Math.min(fits, known.window * 8, 1 << 16)));
  }

  put(value: unknown): void {
    this.values.push(value);
  }

  fail(error: unknown): void {
    this.failed = true;
    this.post();
    const what = `The error of ${this.#known.name}`;
    this.#port.post(failureMessage([ToPool.PART_FAILED, this.#seq, this.#posted++], error, { what, carrier: this.#port.carrier }));
  }

  /** The worker is about to end: what is finished leaves, and what has not been started is known exactly. */
  leave(): void {
    this.#bound = this.at;
    this.post();
  }

  postIfAny(): void {
    if (this.values.length > 0) this.post();
  }

  post(): void {
    const values = this.values;
    const from = this.#posted;
    this.values = [];
    this.#posted += values.length;
    const packed = packNumbers(values);
    if (packed) {
      this.#port.post([ToPool.PART, this.#seq, from, packed, this.#bound], [packed.buffer]);
      return;
    }
    try {
      const transfer = values.flatMap((value) => transferListOf(value) ?? []);
      this.#send(from, values, transfer.length > 0 ? transfer : undefined);
    } catch (cause) {
      for (let i = 0; i < values.length; i++) this.#single(from + i, values[i], cause);
    }
  }

  #single(at: number, value: unknown, cause: unknown): void {
    try {
      this.#send(at, [value], transferListOf(value));
    } catch {
      this.failed = true;
      const error = notCloneable(`A result of ${this.#known.name}`, [value], () => 'it', cause);
      if (error !== cause) Object.defineProperty(error, 'cause', bare({ value: undefined })); // the very thing that could not travel
      this.#port.post(failureMessage([ToPool.PART_FAILED, this.#seq, at], error, { what: 'It', carrier: this.#port.carrier }));
    }
  }

  #send(from: number, values: readonly unknown[], transfer: readonly unknown[] | undefined): void {
    const part = (sent: readonly unknown[]) => [ToPool.PART, this.#seq, from, sent, this.#bound];
    // Each by itself: an array of them would be one level more.
    if (!values.some(needsCode)) return this.#port.post(part(values), transfer);
    const encoder = new Encoder(this.#port.carrier);
    this.#port.post(enveloped(part(values.map((value) => encoder.code(value))), encoder.marks), transfer);
    letLeave(encoder.leaving);
  }
}
