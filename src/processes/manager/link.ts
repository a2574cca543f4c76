import { bare, type ConnectionClosedError, letLeave } from '../../core/index.js';
import { type Future, FutureSource } from '../../futures/index.js';
import { begin } from '../connection/limits.js';
import { hub } from '../hub/hub.js';
import type { AskOptions } from '../hub/hub-client.js';
import { isSecret } from '../hub/ids.js';
import { LateChannel } from '../hub/late-channel.js';
import { objectOf, type Where } from '../hub/messages.js';
import type { Answer } from '../hub/service.js';
import type { Holder } from './holdings.js';
import { Host } from './host.js';

/** The way to a host of objects. All handles of its objects in this thread share one. */
export interface Link {
  readonly error: ConnectionClosedError | undefined;
  /** Whether something can be said without connecting to anybody first. */
  readonly connected: boolean;
  ask(body: unknown[], options?: AskOptions): Future<unknown>;
  tell(body: unknown[]): void;
  /** What goes into a parcel. */
  where(): Where;
  /**
   * The part of a parcel that makes it one of the manager and not only of an object; `undefined`
   * where only objects have come.
   */
  readonly secret: string | undefined;
  close(): void;
}

/** To a host in this very thread: the same requests, without a connection. */
export class LocalLink implements Link {
  readonly host: Host;
  readonly #holder: Holder = bare({ state: undefined });
  readonly error = undefined;
  readonly connected = true;

  constructor(host: Host) {
    this.host = host;
    host.opened(this.#holder, host.secret);
    links.set(host, this);
  }

  get secret(): string {
    return this.host.secret;
  }

  ask(body: unknown[], options: AskOptions = bare({})): Future<unknown> {
    const source = new FutureSource<unknown>();
    const answer = new LocalAnswer(source, options.late);
    letLeave(options.leaving);
    this.host.asked(this.#holder, body, answer);
    return begin(source, options.doing ?? 'The request', options, (error) => {
      answer.cancel();
      source.reject(error);
    });
  }

  tell(body: unknown[]): void {
    this.host.told(this.#holder, body);
  }

  where(): Where {
    return hub.where(hub.host(this.host));
  }

  close(): void {}
}

class LocalAnswer implements Answer {
  readonly #source: FutureSource<unknown>;
  readonly #late: ((body: unknown) => void) | undefined;
  onCancel: (() => void) | undefined = undefined;

  constructor(source: FutureSource<unknown>, late: ((body: unknown) => void) | undefined) {
    this.#source = source;
    this.#late = late;
  }

  get over(): boolean {
    return this.#source.future.settled;
  }

  ok(body?: unknown): void {
    if (!this.#source.fulfil(body)) this.#late?.(body);
  }

  fail(error: unknown): void {
    this.#source.reject(error);
  }

  whenRoom(fn: () => void): void {
    try {
      if (!this.over) fn();
    } catch (error) {
      this.fail(error);
    }
  }

  cancel(): void {
    this.onCancel?.();
  }

  weak(): void {}
}

/** The link of each host in this thread, so that a handle which comes back finds it. */
const links = new WeakMap<Host, LocalLink>();

/** One for each host elsewhere, with its secret and without. */
const known = new Map<string, WeakRef<RemoteLink>>();
/** With the last handle of any of its objects goes the channel to a host. */
const dropped = new FinalizationRegistry<{ channel: LateChannel; key: string }>(({ channel, key }) => {
  if (known.get(key)?.deref() === undefined) known.delete(key);
  channel.close();
});

class RemoteLink implements Link {
  readonly #where: Where;
  readonly #channel: LateChannel;
  readonly secret: string | undefined;

  constructor(where: Where, secret: string | undefined, key: string) {
    this.#where = where;
    this.secret = secret;
    this.#channel = new LateChannel(where, secret, bare({}));
    dropped.register(this, { channel: this.#channel, key }, this);
  }

  get error(): ConnectionClosedError | undefined {
    return this.#channel.error;
  }

  get connected(): boolean {
    return this.#channel.opened;
  }

  ask(body: unknown[], options?: AskOptions): Future<unknown> {
    return this.#channel.ask(body, options);
  }

  tell(body: unknown[]): void {
    this.#channel.tell(body);
  }

  where(): Where {
    return this.#where;
  }

  close(): void {
    dropped.unregister(this);
    this.#channel.close();
  }
}

/** The way to the host that a parcel names. @param secret The manager's, if it is in the parcel. */
export function linkTo(where: Where, secret?: string): Link {
  const here = hub.local(where);
  if (here instanceof Host && (secret === undefined || isSecret(secret, here.secret))) return links.get(here) as Link;
  const key = `${objectOf(where)}#${secret ?? ''}`;
  const there = known.get(key)?.deref();
  if (there !== undefined && there.error === undefined) return there;
  const made = new RemoteLink(where, secret, key);
  known.set(key, new WeakRef(made));
  return made;
}
