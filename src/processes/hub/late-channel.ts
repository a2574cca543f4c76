import { ConnectionClosedError } from '../../core/index.js';
import { type Future, FutureSource } from '../../futures/index.js';
import { type AskOptions, type ChannelEvents, type FarChannel, openChannel } from './hub-client.js';
import type { Where } from './messages.js';

/**
 * A channel that is opened when something is first said on it: a handle that only arrives connects
 * to nobody.
 */
export class LateChannel {
  readonly #where: Where;
  readonly #body: unknown;
  readonly #events: ChannelEvents;
  #channel: FarChannel | undefined;
  #closed: ConnectionClosedError | undefined;

  /** @param body What it is opened with. */
  constructor(where: Where, body: unknown, events: ChannelEvents) {
    this.#where = where;
    this.#body = body;
    this.#events = events;
  }

  /** Whether something was said on it. */
  get opened(): boolean {
    return this.#channel !== undefined;
  }

  /** Why it is closed, if it is. */
  get error(): ConnectionClosedError | undefined {
    return this.#closed ?? this.#channel?.error;
  }

  ask(body: unknown, options?: AskOptions): Future<unknown> {
    if (this.#closed === undefined) return this.#open().ask(body, options);
    const source = new FutureSource<unknown>();
    source.reject(this.#closed);
    return source.future;
  }

  tell(body: unknown, kind?: number, size?: number): void {
    if (this.#closed === undefined) this.#open().tell(body, kind, size);
  }

  flush(): void {
    this.#channel?.flush();
  }

  close(): void {
    this.#closed ??= new ConnectionClosedError('This handle was closed');
    this.#channel?.close();
  }

  #open(): FarChannel {
    this.#channel ??= openChannel(this.#where, this.#body, this.#events);
    return this.#channel;
  }
}
