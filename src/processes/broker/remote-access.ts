import { ConnectionClosedError } from '../../core/index.js';
import { decode } from '../../wire/index.js';
import type { Access, Asked, Receiver } from './access.js';
import { type Channel, TO_HANDLE_FIELDS, ToBroker, ToHandle } from './message.js';
import { Outbox } from './outbox.js';
import { sizeOf } from './payload.js';

/** To a broker that lives elsewhere. All handles of one object in this thread share one. */
export class RemoteAccess implements Access {
  readonly #channel: Channel;
  readonly #outbox: Outbox;
  readonly #asked = new Map<number, RemoteAsked>();
  readonly #watchers = new Set<() => void>();
  #last = 0;
  #gone: ConnectionClosedError | undefined = undefined;

  /** @param open Makes the connection; what it is given is called with what comes, and at its end. */
  constructor(open: (events: { message(message: unknown[]): void; closed(error?: Error): void }) => Channel) {
    this.#channel = open({ message: (message) => this.#message(message), closed: (error) => this.#closed(error) });
    this.#outbox = new Outbox(this.#channel);
  }

  get gone(): ConnectionClosedError | undefined {
    return this.#gone;
  }

  ask(op: number, data: unknown, receiver: Receiver, lent?: Asked): Asked {
    const asked = new RemoteAsked(this, ++this.#last, receiver);
    if (this.#gone !== undefined) receiver.refused(this.#gone);
    else {
      this.#asked.set(asked.id, asked);
      this.#outbox.add([op, asked.id, lent === undefined ? 0 : (lent as RemoteAsked).id, data], sizeOf(data));
    }
    return asked;
  }

  tell(op: number, held: Asked | undefined, data: unknown): void {
    this.say(ToBroker.TELL, held === undefined ? 0 : (held as RemoteAsked).id, op, data);
  }

  whenGone(fn: () => void): () => void {
    this.#watchers.add(fn);
    return () => this.#watchers.delete(fn);
  }

  /** Lets go of the connection: with it goes what is held. */
  end(): void {
    this.#outbox.flush();
    this.#channel.close();
    this.#closed();
  }

  say(what: number, id: number, other = 0, data?: unknown): void {
    if (this.#gone !== undefined) return; // there is nobody to be told, and nothing that could be held
    this.#outbox.add([what, id, other, data], sizeOf(data));
  }

  /** What was said leaves now: this process may end in this very turn. */
  flush(): void {
    if (this.#gone === undefined) this.#outbox.flush();
  }

  #message(message: readonly unknown[]): void {
    for (let i = 0; i < message.length; i += TO_HANDLE_FIELDS) {
      const id = message[i + 1] as number;
      const asked = this.#asked.get(id);
      this.#asked.delete(id);
      asked?.answer(message[i] as number, message[i + 2]);
    }
  }

  #closed(cause?: Error): void {
    if (this.#gone !== undefined) return;
    this.#gone = new ConnectionClosedError('The process that made this object is gone, or has disposed of it', cause && { cause });
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const each of asked) each.lose(this.#gone);
    for (const fn of [...this.#watchers]) fn();
  }
}

class RemoteAsked implements Asked {
  readonly #access: RemoteAccess;
  readonly id: number;
  readonly #receiver: Receiver;
  #isCancelled = false;
  #late: ((value: unknown) => void) | undefined = undefined;

  constructor(access: RemoteAccess, id: number, receiver: Receiver) {
    this.#access = access;
    this.id = id;
    this.#receiver = receiver;
  }

  cancel(late?: (value: unknown) => void): void {
    this.#isCancelled = true;
    this.#late = late;
    this.#access.say(ToBroker.CANCEL, this.id);
  }

  interrupt(): void {
    this.#access.say(ToBroker.INTERRUPT, this.id);
  }

  release(): void {
    this.#access.say(ToBroker.RELEASE, this.id);
    this.#access.flush();
  }

  answer(what: number, value: unknown): void {
    if (this.#isCancelled) {
      // The answer crossed the cancellation. What is held is given back by the broker, which knows of it. (rule 3)
      if (what === ToHandle.GIVEN) this.#late?.(value);
    } else if (what === ToHandle.REFUSED) this.#receiver.refused(decode(value) as Error);
    else if (what !== ToHandle.CANCELLED) this.#receiver.given(value, this);
  }

  lose(error: Error): void {
    if (!this.#isCancelled) this.#receiver.refused(error);
  }
}
