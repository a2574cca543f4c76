import { ConnectionClosedError } from '../../core/index.js';
import type { Access, Asked, Receiver } from './access.js';
import { Ask } from './ask.js';
import type { Broker } from './broker.js';

/** All that this thread asks of its own brokers is one party's. */
const here = {};

/** The same as for anybody else, without a connection: so who is here and who is elsewhere stand in one line. */
export class LocalAccess implements Access {
  readonly broker: Broker;
  readonly #asks = new Set<LocalAsk>();
  #gone: ConnectionClosedError | undefined = undefined;
  #watchers: Set<() => void> | undefined = undefined;

  constructor(broker: Broker) {
    this.broker = broker;
  }

  get gone(): ConnectionClosedError | undefined {
    return this.#gone;
  }

  ask(op: number, data: unknown, receiver: Receiver, lent?: Asked): Asked {
    const ask = new LocalAsk(this.broker, data, receiver, this.#asks);
    ask.lent = lent as LocalAsk | undefined;
    this.broker.ask(op, ask);
    return ask;
  }

  tell(op: number, held: Asked | undefined, data: unknown): void {
    this.broker.tell?.(op, held as LocalAsk | undefined, data, here);
  }

  whenGone(fn: () => void): () => void {
    this.#watchers ??= new Set();
    this.#watchers.add(fn);
    return () => this.#watchers?.delete(fn);
  }

  /** Nothing of it is to be had any more. */
  end(): void {
    if (this.#gone !== undefined) return;
    this.#gone = new ConnectionClosedError('This object was disposed of by the process that made it');
    for (const ask of [...this.#asks]) ask.refuse(this.#gone);
    for (const fn of [...(this.#watchers ?? [])]) fn();
  }
}

class LocalAsk extends Ask implements Asked {
  readonly #broker: Broker;
  readonly #receiver: Receiver;
  /** Those that have no answer yet. */
  readonly #open: Set<LocalAsk>;
  #late: ((value: unknown) => void) | undefined = undefined;
  #isOver = false;

  constructor(broker: Broker, data: unknown, receiver: Receiver, open: Set<LocalAsk>) {
    super(here, data);
    this.#broker = broker;
    this.#receiver = receiver;
    this.#open = open;
    open.add(this);
  }

  give(value: unknown): void {
    this.#open.delete(this);
    if (this.#isOver) this.#late?.(value);
    else this.#receiver.given(value, this);
  }

  hold(value: unknown): void {
    this.give(value);
  }

  refuse(error: Error): void {
    this.#open.delete(this);
    if (!this.#isOver) this.#receiver.refused(error);
  }

  cancel(late?: (value: unknown) => void): void {
    this.#isOver = true;
    this.#open.delete(this);
    this.#late = late;
    this.#broker.cancel(this);
  }

  interrupt(): void {
    this.#broker.cancel(this);
  }

  release(): void {
    this.#broker.release(this);
  }
}
