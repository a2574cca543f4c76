import { ConnectionClosedError, mustBeSaid } from '../../core/index.js';
import { anError } from '../connection/an-error.js';
import { unpackThen } from '../connection/packed.js';
import type { ChannelEvents, FarChannel } from '../hub/hub-client.js';
import { LateChannel } from '../hub/late-channel.js';
import { objectOf, type Where } from '../hub/messages.js';
import { sizeOf } from '../hub/size-of.js';
import type { Access, Asked, Receiver } from './access.js';
import { TO_HANDLE_FIELDS, ToBroker, ToHandle } from './message.js';
import { Outbox } from './outbox.js';

/** What is needed of a channel. */
export type Wire = Pick<FarChannel, 'tell' | 'flush' | 'close'>;

/** One for each object, whatever the number of its handles here. */
const known = new Map<string, WeakRef<RemoteAccess>>();
/** With the last handle of an object, and the last guard, goes its channel, and what this thread held of it. */
const dropped = new FinalizationRegistry<{ channel: Wire; key: string }>(({ channel, key }) => {
  if (known.get(key)?.deref() === undefined) known.delete(key);
  channel.close();
});
/** Those that somebody waits for, though nobody may have a handle any more. */
const busy = new Set<RemoteAccess>();

/** To a broker that lives elsewhere. All handles of one object in this thread share one. */
export class RemoteAccess implements Access {
  readonly #channel: Wire;
  readonly #outbox: Outbox;
  readonly #asked = new Map<number, RemoteAsked>();
  readonly #watchers = new Set<() => void>();
  #last = 0;
  #gone: ConnectionClosedError | undefined = undefined;

  static to(where: Where): RemoteAccess {
    const key = objectOf(where);
    const there = known.get(key)?.deref();
    if (there !== undefined && there.gone === undefined) return there;
    const made = new RemoteAccess((events) => new LateChannel(where, undefined, events));
    known.set(key, new WeakRef(made));
    dropped.register(made, { channel: made.#channel, key }, made);
    return made;
  }

  /** @internal Use `to`. */
  constructor(open: (events: ChannelEvents) => Wire) {
    const self = new WeakRef(this); // the channel must not keep alive what it is to end with
    const channel = open({
      told: (message) => self.deref()?.told(message as unknown[]),
      closed: (error) => self.deref()?.closed(error),
    });
    this.#channel = channel;
    this.#outbox = new Outbox((message, size) => channel.tell(message, 0, size));
  }

  get gone(): ConnectionClosedError | undefined {
    return this.#gone;
  }

  ask(op: number, data: unknown, receiver: Receiver, lent?: Asked): Asked {
    const asked = new RemoteAsked(this, ++this.#last, receiver);
    if (this.#gone !== undefined) receiver.refused(this.#gone);
    else {
      if (this.#asked.size === 0) busy.add(this);
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

  end(): void {
    this.flush();
    this.#channel.close();
    this.closed(new ConnectionClosedError('This handle was disposed of'));
  }

  say(what: number, id: number, other = 0, data?: unknown): void {
    if (this.#gone !== undefined) return; // there is nobody to be told, and nothing that could be held
    this.#outbox.add([what, id, other, data], sizeOf(data));
  }

  /** What was said leaves now: this process may end in this very turn. */
  flush(): void {
    if (this.#gone !== undefined) return;
    this.#outbox.flush();
    this.#channel.flush();
  }

  /** @internal */
  told(message: readonly unknown[]): void {
    mustBeSaid(Array.isArray(message) && message.length % TO_HANDLE_FIELDS === 0, 'A broker', 'a list of answers', message);
    for (let i = 0; i < message.length; i += TO_HANDLE_FIELDS) {
      const id = message[i + 1] as number;
      const asked = this.#asked.get(id);
      if (asked?.answer(message[i] as number, message[i + 2])) this.#asked.delete(id);
    }
    if (this.#asked.size === 0) busy.delete(this);
  }

  /** @internal */
  closed(error: ConnectionClosedError): void {
    if (this.#gone !== undefined) return;
    this.#gone = error;
    dropped.unregister(this);
    busy.delete(this);
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const each of asked) each.lose(error);
    for (const fn of [...this.#watchers]) fn();
  }
}

class RemoteAsked implements Asked {
  readonly #access: RemoteAccess;
  readonly id: number;
  readonly #receiver: Receiver;
  #isCancelled = false;
  #late: ((value: unknown) => void) | undefined = undefined;
  /** An answer that crossed the cancellation. */
  #crossed: { value: unknown } | undefined = undefined;

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

  /** @returns Whether nothing more comes. */
  answer(what: number, value: unknown): boolean {
    if (this.#isCancelled) {
      // A thing that is held is given back by the broker, which knows of it; one that was given, if
      // it could not be taken back there, is given back here. (rule 3)
      if (what === ToHandle.GIVEN) this.#crossed = { value };
      else if (what === ToHandle.CANCELLED && value !== true && this.#crossed !== undefined) this.#late?.(this.#crossed.value);
      return what === ToHandle.CANCELLED;
    }
    if (what === ToHandle.REFUSED) unpackThen(value, (came) => this.#receiver.refused(anError(came)));
    else {
      mustBeSaid(what === ToHandle.GIVEN || what === ToHandle.HELD, 'A broker', 'what came of an ask that was not cancelled', what);
      this.#receiver.given(value, this);
    }
    return true;
  }

  lose(error: Error): void {
    if (!this.#isCancelled) this.#receiver.refused(error);
  }
}
