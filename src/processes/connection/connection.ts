import {
  bare,
  ConnectionClosedError,
  flag,
  type Leaving,
  letLeave,
  type Parcel,
  readOptions,
  stays,
  strayed,
  type Traveller,
  travels,
} from '../../core/index.js';
import { cancellation, deliveringSource, type Future, FutureSource } from '../../futures/index.js';
import { closedError } from './frame-socket.js';
import { begin, readLimits, type WaitLimits } from './limits.js';
import type { Line } from './line.js';
import { NotLoaded, type Parcelled, pack, unpack } from './packed.js';

/** How a connection is closed. */
export interface CloseConnectionOptions {
  /** Throw away what has not left yet, instead of waiting until it has. Default: false. */
  discard?: boolean;
}

const closeTable = { discard: flag };

/** Who waits to receive: for a value, or for the next step of an iteration. */
interface Receiver {
  readonly source: FutureSource<unknown>;
  /** Whether the end of the stream is no failure. */
  readonly steps: boolean;
}

/** Who waits to send. */
interface Sender {
  readonly source: FutureSource<void>;
  readonly message: Parcelled;
}

/** More messages than there is ever room for. */
const MANY = 10_000;

const end: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/**
 * One end of a stream of messages, both ways: of a {@link pipe}, or between two processes that know a key ({@link Listener}, {@link connect}). First in, first out, for messages
 * and for those who wait. A message is copied when it is sent, and can be what an argument can be: also a lock, a queue, the end of a pipe.
 *
 * When the other side closes, ends or is killed, what it had sent can still be received; then the stream is at its end. A connection keeps its process alive only while somebody waits.
 *
 * Cancelling: a `send` or `receive` that was cut off has done nothing.
 *
 * @example
 * ```ts run
 * import { pipe } from 'meantime/processes';
 *
 * const [here, there] = pipe<string>();
 * await here.send('a message');
 * await there.receive(); // => 'a message'
 * await here.close();
 * const left: string[] = [];
 * for await (const message of there) left.push(message);
 * left; // => []
 * ```
 */
export class Connection<In = unknown, Out = In> implements AsyncDisposable, Traveller {
  readonly #line: Line;
  // In the order in which they came; a Set, since anybody may leave at any time.
  readonly #receivers = new Set<Receiver>();
  readonly #senders = new Set<Sender>();
  /** Ends of other pipes that have left in messages. */
  #carried: Leaving[] | undefined;
  /** How it has travelled. */
  #parcel: Parcel | undefined;
  #state: 'open' | 'closed' | 'moved' = 'open';
  /** The makers of what is in the next message are being loaded. */
  #isLoading = false;
  #isDelivering = false;

  /** @internal */
  constructor(line: Line) {
    this.#line = line;
    line.events = {
      came: () => this.#deliver(),
      room: () => this.#admit(),
      ended: () => this.#ended(),
    };
  }

  /** Whether nothing can be sent any more: this side was closed or has moved, or the other is gone. There may still be messages to receive. */
  get closed(): boolean {
    return this.#state !== 'open' || this.#line.ended;
  }

  /** How many messages have come and were not received yet. */
  get waiting(): number {
    return this.#state === 'open' ? this.#line.waiting : 0;
  }

  /**
   * Sends a message. The future is fulfilled when the message is on its way, which it is at once while there is room. Who awaits it is slowed down to
   * the pace of a slow receiver, and uses no more memory than a buffer of some 100 KB.
   *
   * Cancelling: a message that still waited for room is not sent, and an end of another pipe in it
   * is still here. One that is on its way is.
   *
   * @throws {NotCloneableError} code `MEANTIME_NOT_CLONEABLE`: nothing was sent.
   * @throws {TooLargeError} code `MEANTIME_TOO_LARGE`, if it is over the cap: nothing was sent.
   * @throws {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`.
   */
  send(value: Out, options?: WaitLimits): Future<void> {
    const limits = readLimits('connection.send', options);
    const source = new FutureSource<void>();
    this.#line.wake?.();
    let message: Parcelled;
    try {
      this.#mustBeOpen('send');
      if (limits.signal?.aborted) throw cancellation(limits.signal.reason);
      message = pack('The message', value, this.#line.most);
    } catch (error) {
      source.reject(error);
      return source.future;
    }
    const sender: Sender = { source, message };
    if (this.#senders.size === 0 && this.#line.room) {
      this.#write(sender);
      return source.future;
    }
    this.#senders.add(sender);
    return begin(source, 'connection.send', limits, (error) => {
      this.#senders.delete(sender);
      source.reject(error);
    });
  }

  /**
   * Takes the next message, at once or when one comes.
   *
   * Cancelling: takes nothing.
   *
   * @throws {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`, at the end of the stream.
   * @throws {WireError} code `MEANTIME_WIRE`, if what came is no message, or the stream ended in the middle of one.
   * @throws {TooLargeError} code `MEANTIME_TOO_LARGE`, if the other side sent one that is over the cap: the connection has ended then.
   */
  receive(options?: WaitLimits): Future<In> {
    const limits = readLimits('connection.receive', options);
    return this.#receive(limits, false) as Future<In>;
  }

  /**
   * Takes the next message if one is there.
   *
   * @returns `undefined` if there is none.
   * @throws as `receive` does.
   */
  tryReceive(): In | undefined {
    if (this.#state !== 'open') throw this.#refusal('receive');
    this.#line.wake?.();
    if (this.#line.waiting === 0 || this.#isLoading) {
      if (this.#line.ended && !this.#isLoading) throw this.#refusal('receive');
      return undefined;
    }
    let value: unknown;
    try {
      value = unpack(this.#line.peek());
    } catch (error) {
      this.#line.take();
      throw error;
    }
    // What a handle in it needs is being loaded: it comes soon.
    if (value instanceof NotLoaded) return undefined;
    this.#line.take();
    return value as In;
  }

  /**
   * Every message that comes, until the other side is gone. Several may iterate over one connection: each message goes to one of them. Leaving the loop does not close the connection.
   *
   * Cancelling: each step is a cancellation point.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<In> {
    const step = () => this.#receive(bare({}), true) as Future<IteratorResult<In>>;
    return {
      next: step,
      return: async (value?: unknown) => ({ done: true, value }),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /**
   * Closes this side. What was sent still arrives; what has come and was not received is lost. Those who wait are refused. May be called more than once.
   *
   * Cancelling: the waiting ends, the closing does not.
   *
   * @returns fulfilled when everything that was sent has left this process.
   */
  close(options?: CloseConnectionOptions): Future<void> {
    const { discard = false } = readOptions('connection.close', options, closeTable);
    const source = new FutureSource<void>();
    if (this.#state === 'moved') {
      source.fulfil();
      return source.future;
    }
    this.#state = 'closed';
    const future = begin(source, 'connection.close', bare({}), (error) => source.reject(error));
    this.#line.close(discard, () => source.fulfil());
    this.#refuseAll();
    return future;
  }

  /** `close`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @internal */
  [travels](): Parcel {
    if (this.#line.parcel === undefined) stays('a Connection of a socket, which is of this process', 'pass an end of pipe()');
    if (this.#state === 'closed') stays('a Connection that was closed', 'pass one that is open');
    // Asked again it says the same: a call may be encoded twice, and be sent once.
    if (this.#parcel !== undefined) return this.#parcel;
    // A message may wait for long: an end that was never used here must have its place in the
    // journey by then.
    this.#line.wake?.();
    const parcel = this.#line.parcel();
    const leaving: Leaving = {
      leave: () => this.#leave(parcel),
      strayed: (home) => this.#line.strayed?.(parcel, home && this.#line.home === true),
    };
    return bare(parcel, { leaving });
  }

  /** @internal */
  [strayed](): void {
    if (this.#parcel !== undefined) this.#line.strayed?.(this.#parcel, true);
  }

  #leave(parcel: Parcel): boolean {
    if (this.#state !== 'open') return false; // it was in there twice, or has left in something else
    this.#state = 'moved';
    this.#parcel = parcel;
    this.#line.leave?.();
    this.#refuseAll();
    return true;
  }

  #receive(limits: WaitLimits, steps: boolean): Future<unknown> {
    const source = deliveringSource<unknown>();
    const receiver: Receiver = { source, steps };
    this.#line.wake?.();
    if (this.#state !== 'open' || (this.#line.ended && this.#line.waiting === 0)) {
      this.#refuse(receiver);
      return source.future;
    }
    const isFirst = this.#receivers.size === 0;
    this.#receivers.add(receiver);
    if (isFirst && this.#line.waiting > 0 && !limits.signal?.aborted) {
      this.#deliver();
      if (source.future.settled) return source.future;
    }
    return begin(source, 'connection.receive', limits, (error) => {
      this.#receivers.delete(receiver);
      source.reject(error);
    });
  }

  /**
   * A message is taken when somebody has it, and not before: one that waits for its makers is still
   * the next one, whoever is cut off meanwhile.
   */
  #deliver(): void {
    // Taking a message makes room, and the other end of this process then writes in the midst of it.
    if (this.#isLoading || this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      for (const receiver of this.#receivers) {
        if (this.#state !== 'open' || this.#line.waiting === 0) return;
        let value: unknown;
        try {
          value = unpack(this.#line.peek());
        } catch (error) {
          this.#hand(receiver, (source) => source.reject(error));
          continue;
        }
        if (value instanceof NotLoaded) return this.#load(value);
        this.#hand(receiver, (source) => source.fulfil(receiver.steps ? { done: false, value } : value));
      }
    } finally {
      this.#isDelivering = false;
    }
  }

  #hand(receiver: Receiver, settle: (source: FutureSource<unknown>) => void): void {
    this.#receivers.delete(receiver);
    this.#line.take();
    settle(receiver.source);
  }

  #load({ load }: NotLoaded): void {
    this.#isLoading = true;
    const goOn = () => {
      this.#isLoading = false;
      this.#deliver();
      if (this.#line.ended && this.#state === 'open' && !this.#isLoading) this.#refuseAll();
    };
    load.then(goOn, (error: unknown) => {
      for (const receiver of this.#receivers) {
        if (this.#state === 'open') this.#hand(receiver, (source) => source.reject(error));
        break;
      }
      goOn();
    });
  }

  #admit(): void {
    for (const sender of this.#senders) {
      if (!this.#line.room) return;
      this.#senders.delete(sender);
      this.#write(sender);
    }
  }

  #write({ source, message: { packed, size, leaving } }: Sender): void {
    if (leaving !== undefined) this.#carry(letLeave(leaving) ?? []);
    this.#line.write(packed, size);
    source.fulfil();
  }

  #carry(ends: readonly Leaving[]): void {
    this.#carried ??= [];
    this.#carried.push(...ends);
    // Those that were sent long before have been received: no more messages than this can be on their way.
    if (this.#carried.length > 2 * MANY) this.#carried.splice(0, MANY);
  }

  #ended(): void {
    // Those in messages that were not received are nobody's now; those that were are not concerned.
    for (const end of this.#carried ?? []) end.strayed(this.#line.home === true);
    this.#carried = undefined;
    if (this.#state !== 'open') return;
    this.#deliver();
    if (!this.#isLoading) this.#refuseAll();
  }

  #refuseAll(): void {
    for (const receiver of this.#receivers) {
      this.#receivers.delete(receiver);
      this.#refuse(receiver);
    }
    for (const sender of this.#senders) {
      this.#senders.delete(sender);
      sender.source.reject(this.#refusal('send'));
    }
  }

  #refuse({ source, steps }: Receiver): void {
    const quiet = steps && this.#state !== 'moved' && this.#line.error === undefined;
    if (quiet) source.fulfil(end);
    else source.reject(this.#refusal('receive'));
  }

  #mustBeOpen(what: string): void {
    if (this.#state !== 'open' || this.#line.ended) throw this.#refusal(what);
  }

  #refusal(what: string): Error {
    if (this.#state === 'moved')
      return new ConnectionClosedError(`Cannot ${what}: this end of the pipe has moved to another process or thread. Use it there`);
    if (this.#state === 'closed') return new ConnectionClosedError(`Cannot ${what}: this connection was closed here`);
    const { error } = this.#line;
    if (what === 'receive' && error !== undefined) return error;
    return closedError(`Cannot ${what}: the other side of this connection is gone`, error);
  }
}
