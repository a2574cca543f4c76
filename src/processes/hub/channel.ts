import { letLeave, WireError } from '../../core/index.js';
import { hold, release } from '../connection/hold.js';
import { type Parcelled, pack } from '../connection/packed.js';
import { MOST_REQUESTS, MOST_WAITING_BYTES } from './account.js';
import type { HubConnection } from './hub-connection.js';
import { FromHub, MOST } from './messages.js';
import type { Answer, Peer, Service } from './service.js';
import { sizeOf } from './size-of.js';

/** One channel: a peer of a service. */
export class Channel implements Peer {
  readonly connection: HubConnection;
  readonly number: number;
  readonly service: Service;
  readonly #open = new Map<number, Request>();
  state: unknown = undefined;

  constructor(connection: HubConnection, number: number, service: Service) {
    this.connection = connection;
    this.number = number;
    this.service = service;
  }

  tell(body: unknown, kind = 0, size?: number): void {
    this.connection.put(FromHub.TELL, this.number, kind, body, size);
  }

  close(error?: Error): void {
    putError(this.connection, FromHub.CLOSED, this.number, 0, error);
    this.connection.drop(this);
  }

  asked(id: number, body: unknown): void {
    if (this.#open.has(id)) {
      this.close(new WireError(`The request ${id} was made twice`));
      return;
    }
    const { account } = this.connection;
    const refusal = account.refusal(MOST_REQUESTS) ?? account.refusal(MOST_WAITING_BYTES);
    if (refusal !== undefined) {
      putError(this.connection, FromHub.FAIL, this.number, id, refusal);
      return;
    }
    const request = new Request(this, id, sizeOf(body));
    this.#open.set(id, request);
    if (this.service.asked === undefined) {
      request.fail(new WireError('This service takes no requests'));
      return;
    }
    try {
      this.service.asked(this, body, request);
    } catch (error) {
      request.fail(error);
    }
  }

  told(body: unknown, kind: number): void {
    try {
      this.service.told?.(this, body, kind);
    } catch (error) {
      this.close(error as Error);
    }
  }

  cancelled(id: number): void {
    const request = this.#open.get(id);
    if (request === undefined) return;
    request.cancel();
    // Each request is answered once: so the other side can forget it.
    this.connection.put(FromHub.FAIL, this.number, id, undefined);
  }

  answered(request: Request): void {
    this.#open.delete(request.id);
  }

  dropped(): void {
    for (const request of [...this.#open.values()]) request.cancel();
    this.service.closed?.(this);
  }
}

/**
 * A request that has not been answered: somebody waits for this process, which must not end
 * meanwhile.
 */
class Request implements Answer {
  readonly #channel: Channel;
  readonly id: number;
  /** Of what came with it, in bytes. */
  readonly #size: number;
  #over = false;
  #holds = true;
  onCancel: (() => void) | undefined = undefined;

  constructor(channel: Channel, id: number, size: number) {
    this.#channel = channel;
    this.id = id;
    this.#size = size;
    this.#count(1);
    hold();
  }

  get over(): boolean {
    return this.#over;
  }

  ok(body?: unknown, size?: number): void {
    if (!this.#finish()) return;
    this.#channel.connection.put(FromHub.ANSWER, this.#channel.number, this.id, body, size);
  }

  fail(error: unknown): void {
    if (!this.#finish()) return;
    const { connection, number } = this.#channel;
    connection.whenRoom(() => putError(connection, FromHub.FAIL, number, this.id, error));
  }

  whenRoom(fn: () => void): void {
    this.#channel.connection.whenRoom(() => {
      if (this.#over) return;
      try {
        fn();
      } catch (error) {
        this.fail(error);
      }
    });
  }

  cancel(): void {
    if (this.#finish()) this.onCancel?.();
  }

  weak(): void {
    if (!this.#over && this.#holds) release();
    this.#holds = false;
  }

  #finish(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#count(-1);
    if (this.#holds) release();
    this.#channel.answered(this);
    return true;
  }

  #count(sign: 1 | -1): void {
    const { account } = this.#channel.connection;
    account.add(MOST_REQUESTS, sign);
    account.add(MOST_WAITING_BYTES, sign * this.#size);
  }
}

/** Says an error, with its size. Parts of it that cannot travel are replaced by a description. */
export function putError(connection: HubConnection, kind: number, channel: number, request: number, error: unknown): void {
  if (error === undefined) {
    connection.put(kind, channel, request, undefined);
    return;
  }
  let made: Parcelled;
  try {
    made = pack('The error', error, MOST);
  } catch (cause) {
    made = pack('The error', cause, MOST);
  }
  connection.put(kind, channel, request, made.packed, made.size);
  letLeave(made.leaving); // it is on its way at once
}
