import { bare, clock, type Leaving, letLeave } from '../core/index.js';
import type { Marks } from './marks.js';
import { enveloped, type Port, ToPool } from './message.js';
import { notCloneable } from './not-cloneable.js';
import { transferListOf } from './transfer.js';
import { Encoder, encode, encodeFailure, needsCode } from './value.js';

/** How long results may gather before they leave, in ms: what a call that suddenly takes long can hold up. */
const GATHER = 0.1;

/** Results on their way to the pool: what finishes in one turn leaves as one message. */
export class Outbox {
  readonly #port: Port;
  #message: unknown[] = [ToPool.RESULTS, 0];
  #names: string[] = [];
  /** The marks of results that were encoded, by what the message has for the number of its call. */
  #marks: Map<number, Marks> | undefined;
  /** The things that leave the worker in a result, by the number of its call. */
  #moved: Map<number, Moved> | undefined;
  #ms = 0;
  #first = 0;
  #asked = false;

  constructor(port: Port) {
    this.#port = port;
  }

  get empty(): boolean {
    return this.#names.length === 0;
  }

  /** @param ms How long the call took. */
  add(seq: number, value: unknown, name: string, ms: number, now: number): void {
    let out = value;
    if (typeof value === 'object' && value !== null) {
      let leaving: Leaving[] | undefined;
      try {
        if (needsCode(value)) {
          const encoder = new Encoder(this.#port.carrier);
          out = encoder.code(value);
          leaving = encoder.leaving;
          this.#mark(seq, encoder.marks);
        }
      } catch (error) {
        // A getter that throws, or a depth without end: it could not be cloned either.
        this.fail(
          seq,
          notCloneable(`The result of ${name}`, [value], () => 'it', error),
          name,
          ms,
          now,
        );
        return;
      }
      const transfer = transferListOf(value);
      if (transfer !== undefined || leaving?.length) {
        this.#moved ??= new Map();
        this.#moved.set(seq, { transfer: transfer ?? [], leaving: leaving ?? [] });
      }
    }
    this.#put(seq, out, name, ms, now);
  }

  fail(seq: number, error: unknown, name: string, ms: number, now: number): void {
    const [coded, marks] = encodeFailure(error, `The error of ${name}`, this.#port.carrier);
    this.#mark(-seq - 1, marks);
    this.#put(-seq - 1, coded, name, ms, now);
  }

  /** Lets results that have gathered leave when this turn is over, or later results take them along. */
  flushSoon(): void {
    if (this.#asked || this.empty) return;
    this.#asked = true;
    clock.soon(() => {
      this.#asked = false;
      this.flush();
    });
  }

  flush(): void {
    const count = this.#names.length;
    if (count === 0) return;
    const message = this.#message;
    const names = this.#names;
    const moved = this.#moved;
    const marks = this.#marks;
    message[1] = this.#ms / count;
    this.#message = [ToPool.RESULTS, 0];
    this.#names = [];
    this.#moved = undefined;
    this.#marks = undefined;
    this.#ms = 0;
    try {
      const transfer = moved && [...moved.values()].flatMap((each) => each.transfer);
      this.#port.post(marks === undefined ? message : enveloped(message, together(marks.values())), transfer);
      if (moved !== undefined) for (const { leaving } of moved.values()) letLeave(leaving);
    } catch (error) {
      // One value that cannot travel must not take the others with it, nor the worker.
      for (let i = 0; i < count; i++) {
        const seq = message[2 + 2 * i] as number;
        this.#single([ToPool.RESULTS, message[1] as number, seq, message[3 + 2 * i]], {
          name: names[i],
          marks: marks?.get(seq),
          moved: moved?.get(seq),
          cause: error,
        });
      }
    }
  }

  #put(seq: number, value: unknown, name: string, ms: number, now: number): void {
    if (this.#names.length === 0) this.#first = now;
    this.#message.push(seq, value);
    this.#names.push(name);
    this.#ms += ms;
    if (now - this.#first > GATHER) this.flush();
  }

  #mark(code: number, marks: Marks): void {
    this.#marks ??= new Map();
    this.#marks.set(code, marks);
  }

  #single(message: Single, { name, marks, moved, cause }: Of): void {
    const [, ms, seq, value] = message;
    try {
      this.#port.post(marks === undefined ? message : enveloped(message, marks), moved?.transfer);
      letLeave(moved?.leaving);
    } catch {
      const failed = seq < 0 ? 'The error' : 'The result';
      const error = notCloneable(`${failed} of ${name}`, [value], () => 'it', cause);
      // Its cause is the very thing that could not travel.
      if (error !== cause) Object.defineProperty(error, 'cause', bare({ value: undefined }));
      const [told, its] = encode(error, this.#port.carrier);
      this.#port.post(enveloped([ToPool.RESULTS, ms, seq < 0 ? seq : -seq - 1, told], its));
    }
  }
}

/** A message with one result. */
type Single = [kind: number, ms: number, seq: number, value: unknown];

/** The parts that belong to that. */
interface Of {
  readonly name: string;
  readonly marks: Marks | undefined;
  readonly moved: Moved | undefined;
  /** Why it could not go with others. */
  readonly cause: unknown;
}

const together = (all: Iterable<Marks>): Marks => {
  const [first, ...rest] = all;
  return rest.length === 0
    ? first
    : [first, ...rest].reduce<Marks>(([e, h], [errors, handles]) => [e.concat(errors), h.concat(handles)], [[], []]);
};

/**
 * The things that a result takes along: moved instead of copied, or in one place at a time.
 */
interface Moved {
  readonly transfer: readonly unknown[];
  readonly leaving: readonly Leaving[];
}
