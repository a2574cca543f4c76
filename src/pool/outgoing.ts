import type { Leaving } from '../core/index.js';
import { type Carrier, Encoder, enveloped, needsCode, notCloneable, packNumbers, ToWorker } from '../wire/index.js';
import type { PoolCall } from './pool-call.js';
import type { PortableFunction } from './portable-function.js';

/** A message and what it moves. */
export interface Outgoing {
  message: unknown[];
  transfer: readonly unknown[] | undefined;
  /** The things that leave in it, once it has been sent. */
  leaving: Leaving[] | undefined;
}

/** The functions that a worker knows, by number; a new one is told at its first use. */
export class FunctionIds {
  readonly #ids = new Map<string, number>();
  readonly #tell: (message: unknown[]) => void;
  #last: PortableFunction | undefined;
  #lastId = 0;

  constructor(tell: (message: unknown[]) => void) {
    this.#tell = tell;
  }

  of(target: PortableFunction): number {
    if (target === this.#last) return this.#lastId;
    const { key } = target;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#ids.size;
      this.#ids.set(key, id);
      this.#tell([ToWorker.FUNCTION, id, target.ref]);
    }
    this.#last = target;
    this.#lastId = id;
    return id;
  }
}

/** The worker that a message is for: the functions it knows, and how the message gets there. */
export interface Receiver {
  readonly ids: FunctionIds;
  readonly carrier: Carrier;
}

/** Calls of one kind of timing, as one message. */
export function callsMessage(calls: readonly PoolCall[], epoch: number, first: number, to: Receiver): Outgoing {
  const message: unknown[] = [ToWorker.CALLS, epoch, first, calls[0].timed ? 1 : 0];
  let coded = false;
  let transfer: unknown[] | undefined;
  for (const call of calls) {
    const { args } = call;
    message.push(to.ids.of(call.target), args.length);
    for (const arg of args) {
      message.push(arg);
      if (typeof arg === 'object' && arg !== null && !coded) coded = needsCode(arg);
    }
    if (call.options.transfer) transfer = transfer ? [...transfer, ...call.options.transfer] : [...call.options.transfer];
  }
  return outgoing(message, coded, 4, transfer, to.carrier);
}

/** A chunk is meant to take 20 to 200 ms. After this, what is left of one that may be given back is. */
const LONGEST = 250;

/** A chunk, or a stream with its first credit. */
export function longMessage(call: PoolCall, credit: number, epoch: number, seq: number, to: Receiver): Outgoing {
  const id = to.ids.of(call.target);
  const { chunk } = call;
  if (!chunk) {
    const message = [ToWorker.STREAM, epoch, seq, id, credit, call.timed ? 1 : 0, call.args];
    return outgoing(message, needsCode(call.args), 6, call.options.transfer, to.carrier);
  }
  const whole = chunk.from === 0 && chunk.to === chunk.inputs.length;
  const inputs = whole ? chunk.inputs : chunk.inputs.slice(chunk.from, chunk.to);
  const packed = packNumbers(inputs);
  const message: unknown[] = [ToWorker.CHUNK, epoch, seq, id, chunk.stop, packed ?? inputs];
  if (chunk.sink.rest) message.push(LONGEST);
  if (packed) return { message, transfer: [packed.buffer], leaving: undefined };
  return outgoing(message, needsCode(inputs), 5, undefined, to.carrier);
}

function outgoing(message: unknown[], coded: boolean, from: number, transfer: Outgoing['transfer'], carrier: Carrier): Outgoing {
  return coded ? { ...codeFrom(message, from, carrier), transfer } : { message, transfer, leaving: undefined };
}

/** The message with its values, which begin at `from`, encoded. */
export function codeFrom(message: readonly unknown[], from: number, carrier: Carrier): Pick<Outgoing, 'message' | 'leaving'> {
  const encoder = new Encoder(carrier);
  const coded = message.map((part, i) => (i < from ? part : encoder.code(part)));
  return { message: enveloped(coded, encoder.marks), leaving: encoder.leaving };
}

/** The error of a call whose arguments cannot travel. */
export function unsendable(call: PoolCall, cause: unknown): Error {
  return notCloneable(`The call of ${call.name}`, call.args, (i) => `argument ${i + 1}`, cause);
}
