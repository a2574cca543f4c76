import { inShort, isCount, WireError } from '../../core/index.js';
import { pack } from '../connection/packed.js';
import { Account, MOST_ASKS, MOST_WAITING_BYTES } from '../hub/account.js';
import { MOST } from '../hub/messages.js';
import { sizeOf } from '../hub/size-of.js';
import { Ask } from './ask.js';
import type { Broker } from './broker.js';
import { TO_BROKER_FIELDS, ToBroker, ToHandle } from './message.js';
import { MOST_TOGETHER, Outbox } from './outbox.js';

/** One process or thread, as the broker knows it: what it waits for and holds, so that it can be freed when it is gone. */
export class Party {
  readonly #broker: Broker;
  readonly #outbox: Outbox;
  /** What waits, and what holds. */
  readonly #asks = new Map<number, RemoteAsk>();
  readonly #account: Account;
  /** The number of the last ask. */
  #last = 0;
  #isGone = false;

  /**
   * @param send Sends a message to it.
   * @param account What it has, with all else of its connection.
   */
  constructor(broker: Broker, send: (message: unknown[], size: number) => void, account = new Account()) {
    this.#broker = broker;
    this.#account = account;
    this.#outbox = new Outbox(send);
  }

  /**
   * Entries that it sent.
   *
   * @throws {WireError} for one that no handle of ours would send: nothing it says can be relied on then, and it has to go.
   */
  message(message: readonly unknown[]): void {
    if (!Array.isArray(message) || message.length % TO_BROKER_FIELDS !== 0)
      throw new WireError('A message that is no list of entries came to a broker');
    // Each may be answered by an error: a message without end would be answered without end.
    if (message.length > 2 * MOST_TOGETHER)
      throw new WireError(`A message of ${message.length} elements came to a broker, of which at most ${2 * MOST_TOGETHER} are taken`);
    for (let i = 0; i < message.length; i += TO_BROKER_FIELDS)
      this.#entry(message[i] as number, message[i + 1] as number, message[i + 2] as number, message[i + 3]);
  }

  /** The connection has ended. */
  gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    const asks = [...this.#asks.values()];
    for (const ask of asks) this.#forget(ask);
    // Those that wait go first: what is freed must not go to one of them. (rule 5)
    for (const ask of asks) if (!ask.holds) this.#broker.lost(ask);
    for (const ask of asks) if (ask.holds) this.#broker.lost(ask);
    this.#broker.flush?.();
  }

  answer(ask: RemoteAsk, what: number, value: unknown, size = sizeOf(value)): void {
    if (this.#isGone) return;
    if (what !== ToHandle.HELD) this.#forget(ask);
    this.#outbox.add([what, ask.id, value], size);
  }

  #forget(ask: RemoteAsk): void {
    this.#asks.delete(ask.id);
    ask.isOver = true;
    if (ask.lent !== undefined) (ask.lent as RemoteAsk).isLent = false;
    if (ask.size === undefined) return;
    this.#account.add(MOST_ASKS, -1);
    this.#account.add(MOST_WAITING_BYTES, -ask.size);
    ask.size = undefined;
  }

  /** It was not answered at once, or holds something. */
  #keep(ask: RemoteAsk): void {
    if (ask.isOver) return;
    ask.data = kept(ask.data);
    ask.size = sizeOf(ask.data);
    this.#account.add(MOST_ASKS, 1);
    this.#account.add(MOST_WAITING_BYTES, ask.size);
  }

  /** The ask that a new one lends: only one that holds can be lent, and only to be waited for. */
  #lender(what: number, id: number): RemoteAsk | undefined {
    if (what !== this.#broker.lends) throw new WireError(`The operation ${what} of a broker lends nothing, and ${id} was lent to it`);
    const ask = this.#asks.get(id);
    return ask?.holds ? ask : undefined; // the broker refuses that one
  }

  #entry(what: number, id: number, other: number, data: unknown): void {
    if (!Number.isSafeInteger(what) || what >= this.#broker.ops || !isCount(id) || !isCount(other))
      throw new WireError(`An entry came to a broker that means nothing: ${inShort([what, id, other])}`);
    if (what >= 0) {
      if (id <= this.#last)
        throw new WireError(`The ask ${id} came to a broker after ${this.#last}: each has a number of its own, and a larger one`);
      this.#last = id;
      const ask = new RemoteAsk(this, id, data);
      if (other !== 0) ask.lent = this.#lender(what, other);
      this.#asks.set(id, ask);
      const refusal = this.#account.refusal(MOST_ASKS) ?? this.#account.refusal(MOST_WAITING_BYTES);
      if (refusal !== undefined) ask.refuse(refusal);
      else {
        this.#broker.ask(what, ask);
        if (ask.lent !== undefined && !ask.isOver) (ask.lent as RemoteAsk).isLent = true;
        this.#keep(ask);
      }
      return;
    }
    if (id > this.#last) throw new WireError(`An entry came to a broker for the ask ${id}, which has not come`);
    const ask = this.#asks.get(id);
    switch (what) {
      case ToBroker.CANCEL: {
        if (ask !== undefined) {
          // One without the other would leave the lock to nobody: who waits for it back is
          // interrupted.
          if (ask.lent !== undefined || ask.isLent) throw new WireError(`The ask ${id} was cancelled while something was lent`);
          this.#forget(ask);
          this.#broker.cancel(ask);
        }
        const isBack = ask === undefined && this.#broker.recall?.((other) => other.party === this && (other as RemoteAsk).id === id);
        this.#outbox.add([ToHandle.CANCELLED, id, isBack === true ? true : undefined]);
        return;
      }
      case ToBroker.INTERRUPT:
        if (ask !== undefined) this.#broker.cancel(ask); // it may have been answered meanwhile
        return;
      case ToBroker.RELEASE:
        // An ask that waits holds nothing yet, and one that was lent holds nothing now.
        if (ask === undefined || !this.#broker.release(ask))
          throw new WireError(`What the ask ${id} holds was to be released, and it holds nothing`);
        this.#forget(ask);
        return;
      case ToBroker.TELL:
        if (this.#broker.tell === undefined) throw new WireError('A broker was told something that takes no word');
        this.#broker.tell(other, ask, data, this);
        return;
      default:
        throw new WireError(`An entry that came to a broker says ${what}, which means nothing`);
    }
  }
}

/** What was asked over a connection. */
class RemoteAsk extends Ask {
  declare readonly party: Party;
  readonly id: number;
  holds = false;
  /** It is lent to one that waits. */
  isLent = false;
  /** It was answered, or is not wanted any more. */
  isOver = false;
  /** While it is counted: the bytes of its data. */
  size: number | undefined = undefined;

  constructor(party: Party, id: number, data: unknown) {
    super(party, data);
    this.id = id;
  }

  give(value: unknown): void {
    this.party.answer(this, ToHandle.GIVEN, value);
  }

  hold(value: unknown): void {
    this.holds = true;
    this.party.answer(this, ToHandle.HELD, value);
  }

  refuse(error: Error): void {
    const { packed, size } = pack('The error', error, MOST);
    this.party.answer(this, ToHandle.REFUSED, packed, size);
  }
}

/** Bytes that are a small part of the frame that brought them would keep it all. */
function kept(data: unknown): unknown {
  return data instanceof Uint8Array && 4 * data.byteLength < data.buffer.byteLength ? Uint8Array.prototype.slice.call(data) : data;
}
