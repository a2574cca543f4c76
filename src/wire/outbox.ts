import { clock } from '../core/index.js';
import { CODED, type Port, ToPool } from './message.js';
import { transferListOf } from './transfer.js';
import { encode, encodeFailure, needsCode, notCloneable } from './value.js';

/** How long results may gather before they leave, in ms: what a call that suddenly takes long can hold up. */
const GATHER = 0.1;

/** Results on their way to the pool: what finishes in one turn leaves as one message. */
export class Outbox {
  readonly #port: Port;
  #message: unknown[] = [ToPool.RESULTS, 0];
  #names: string[] = [];
  #transfer: unknown[] | undefined;
  #coded = false;
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
      try {
        if (needsCode(value)) {
          out = encode(value, this.#port.carrier);
          this.#coded = true;
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
      const list = transferListOf(value);
      if (list) this.#transfer = this.#transfer ? [...this.#transfer, ...list] : [...list];
    }
    this.#put(seq, out, name, ms, now);
  }

  fail(seq: number, error: unknown, name: string, ms: number, now: number): void {
    this.#coded = true;
    this.#put(-seq - 1, encodeFailure(error, `The error of ${name}`, this.#port.carrier), name, ms, now);
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
    const transfer = this.#transfer;
    const coded = this.#coded;
    message[0] = coded ? ToPool.RESULTS | CODED : ToPool.RESULTS;
    message[1] = this.#ms / count;
    this.#message = [ToPool.RESULTS, 0];
    this.#names = [];
    this.#transfer = undefined;
    this.#coded = false;
    this.#ms = 0;
    try {
      this.#port.post(message, transfer);
    } catch (error) {
      // One value that cannot travel must not take the others with it, nor the worker.
      for (let i = 0; i < count; i++)
        this.#single(message[2 + 2 * i] as number, message[3 + 2 * i], names[i], transfer, coded, message[1] as number, error);
    }
  }

  #put(seq: number, value: unknown, name: string, ms: number, now: number): void {
    if (this.#names.length === 0) this.#first = now;
    this.#message.push(seq, value);
    this.#names.push(name);
    this.#ms += ms;
    if (now - this.#first > GATHER) this.flush();
  }

  #single(
    seq: number,
    value: unknown,
    name: string,
    transfer: readonly unknown[] | undefined,
    coded: boolean,
    ms: number,
    cause: unknown,
  ): void {
    const kind = coded ? ToPool.RESULTS | CODED : ToPool.RESULTS;
    try {
      this.#port.post([kind, ms, seq, value], transfer);
    } catch {
      const failed = seq < 0 ? 'The error' : 'The result';
      const error = notCloneable(`${failed} of ${name}`, [value], () => 'it', cause);
      // Its cause is the very thing that could not travel.
      Object.defineProperty(error, 'cause', { value: undefined });
      this.#port.post([ToPool.RESULTS | CODED, ms, seq < 0 ? seq : -seq - 1, encode(error, this.#port.carrier)]);
    }
  }
}
