import { WireError } from '../../core/index.js';
import { encode } from '../../wire/index.js';
import { Ask } from './ask.js';
import type { Broker } from './broker.js';
import { TO_BROKER_FIELDS, ToBroker, ToHandle } from './message.js';
import { Outbox } from './outbox.js';
import { sizeOf } from './size-of.js';

/** One process or thread, as the broker knows it: what it waits for and holds, so that it can be freed when it is gone. */
export class Party {
  readonly #broker: Broker;
  readonly #outbox: Outbox;
  /** What waits, and what holds. */
  readonly #asks = new Map<number, RemoteAsk>();
  #isGone = false;

  /** @param send Sends a message to it. */
  constructor(broker: Broker, send: (message: unknown[], size: number) => void) {
    this.#broker = broker;
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
    for (let i = 0; i < message.length; i += TO_BROKER_FIELDS)
      this.#entry(message[i] as number, message[i + 1] as number, message[i + 2] as number, message[i + 3]);
  }

  /** The connection has ended. */
  gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    const asks = [...this.#asks.values()];
    this.#asks.clear();
    // Those that wait go first: what is freed must not go to one of them. (rule 5)
    for (const ask of asks) if (!ask.holds) this.#broker.lost(ask);
    for (const ask of asks) if (ask.holds) this.#broker.lost(ask);
    this.#broker.flush?.();
  }

  answer(ask: RemoteAsk, what: number, value: unknown): void {
    if (this.#isGone) return;
    if (what !== ToHandle.HELD) this.#asks.delete(ask.id);
    this.#outbox.add([what, ask.id, value], sizeOf(value));
  }

  #entry(what: number, id: number, other: number, data: unknown): void {
    if (!Number.isSafeInteger(what) || !Number.isSafeInteger(id)) throw new WireError('An entry that came to a broker has no number');
    if (what >= 0) {
      if (this.#asks.has(id)) throw new WireError(`The number ${id} of an ask came to a broker twice`);
      const ask = new RemoteAsk(this, id, data);
      if (other !== 0) ask.lent = this.#asks.get(other);
      this.#asks.set(id, ask);
      this.#broker.ask(what, ask);
      return;
    }
    const ask = this.#asks.get(id);
    switch (what) {
      case ToBroker.CANCEL: {
        this.#asks.delete(id);
        if (ask !== undefined) this.#broker.cancel(ask);
        const isBack = ask === undefined && this.#broker.recall?.((other) => other.party === this && (other as RemoteAsk).id === id);
        this.#outbox.add([ToHandle.CANCELLED, id, isBack === true ? true : undefined]);
        return;
      }
      case ToBroker.INTERRUPT:
        if (ask !== undefined) this.#broker.cancel(ask); // it may have been answered meanwhile
        return;
      case ToBroker.RELEASE:
        if (ask === undefined) throw new WireError(`What the ask ${id} holds was to be released, and it holds nothing`);
        this.#asks.delete(id);
        this.#broker.release(ask);
        return;
      case ToBroker.TELL:
        this.#broker.tell(other, ask, data);
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
    this.party.answer(this, ToHandle.REFUSED, encode(error, 'bytes'));
  }
}
