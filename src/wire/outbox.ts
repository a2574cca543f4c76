import { clock, type Leaving, letLeave } from '../core/index.js';
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
  #coded = false;
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
          leaving = [];
          out = encode(value, this.#port.carrier, leaving);
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
      const transfer = transferListOf(value);
      if (transfer !== undefined || leaving?.length) {
        this.#moved ??= new Map();
        this.#moved.set(seq, { transfer: transfer ?? [], leaving: leaving ?? [] });
      }
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
    const moved = this.#moved;
    const coded = this.#coded;
    message[0] = coded ? ToPool.RESULTS | CODED : ToPool.RESULTS;
    message[1] = this.#ms / count;
    this.#message = [ToPool.RESULTS, 0];
    this.#names = [];
    this.#moved = undefined;
    this.#coded = false;
    this.#ms = 0;
    try {
      this.#port.post(message, moved && [...moved.values()].flatMap(({ transfer }) => transfer));
      if (moved !== undefined) for (const { leaving } of moved.values()) letLeave(leaving);
    } catch (error) {
      // One value that cannot travel must not take the others with it, nor the worker.
      for (let i = 0; i < count; i++) {
        const seq = message[2 + 2 * i] as number;
        this.#single([message[0], message[1], seq, message[3 + 2 * i]] as Single, names[i], moved?.get(seq), error);
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

  #single(message: Single, name: string, moved: Moved | undefined, cause: unknown): void {
    const [, ms, seq, value] = message;
    try {
      this.#port.post(message, moved?.transfer);
      letLeave(moved?.leaving);
    } catch {
      const failed = seq < 0 ? 'The error' : 'The result';
      const error = notCloneable(`${failed} of ${name}`, [value], () => 'it', cause);
      // Its cause is the very thing that could not travel.
      if (error !== cause) Object.defineProperty(error, 'cause', { value: undefined });
      this.#port.post([ToPool.RESULTS | CODED, ms, seq < 0 ? seq : -seq - 1, encode(error, this.#port.carrier)]);
    }
  }
}

/** A message with one result. */
type Single = [kind: number, ms: number, seq: number, value: unknown];

/**
 * The things that a result takes along: moved instead of copied, or in one place at a time.
 */
interface Moved {
  readonly transfer: readonly unknown[];
  readonly leaving: readonly Leaving[];
}
