import type { Socket } from 'node:net';
import { letLeave, WireError } from '../../core/index.js';
import { FrameSocket } from '../connection/frame-socket.js';
import { hold, release } from '../connection/hold.js';
import { type Parcelled, pack } from '../connection/packed.js';
import { FromHub, faultOf, MOST, ToHub } from './messages.js';
import type { Answer, Peer, PeerConnection, Service } from './service.js';

/** What a connection asks of its hub. */
interface Services {
  service(id: string): Service;
}

/** The hub's side of the connection of one process or thread: its channels, and what it has asked. */
export class HubConnection implements PeerConnection {
  readonly #frames: FrameSocket;
  readonly #services: Services;
  readonly #channels = new Map<number, Channel>();
  pid = 0;
  threadId = 0;

  constructor(socket: Socket, services: Services, gone: () => void) {
    this.#services = services;
    this.#frames = new FrameSocket(socket, MOST, {
      frame: (items) => this.#frame(items),
      room: () => undefined,
      end: () => {
        gone();
        for (const channel of [...this.#channels.values()]) this.#drop(channel);
      },
    });
  }

  start(rest: Buffer): void {
    this.#frames.start(rest);
  }

  closeAll(service: Service, error: Error | undefined): void {
    for (const channel of [...this.#channels.values()]) if (channel.service === service) channel.close(error);
  }

  put(kind: number, channel: number, request: number, body: unknown, size = 64): void {
    this.#frames.put4(kind, channel, request, body, size);
  }

  /** @internal Ends a channel from here. */
  close(channel: Channel, error: Error | undefined): void {
    this.put(FromHub.CLOSED, channel.number, 0, error && packError(error));
    this.#drop(channel);
  }

  #drop(channel: Channel): void {
    if (this.#channels.get(channel.number) !== channel) return;
    this.#channels.delete(channel.number);
    channel.dropped();
  }

  #frame(items: unknown[]): void {
    const fault = faultOf(items, ToHub.CLOSE, ToHub.OPEN);
    if (fault !== undefined) {
      this.#frames.destroy(fault);
      return;
    }
    for (let i = 0; i < items.length; i += 4) {
      if (this.#frames.over) return;
      this.#message(items[i] as number, items[i + 1] as number, items[i + 2] as number | string, items[i + 3]);
    }
  }

  #message(kind: number, number: number, id: number | string, body: unknown): void {
    if (kind === ToHub.OPEN) {
      this.#open(number, id as string, body);
      return;
    }
    const request = id as number;
    if (kind === ToHub.HELLO) {
      this.pid = number;
      this.threadId = request;
      return;
    }
    const channel = this.#channels.get(number);
    // It was closed from here, which the other side did not know yet.
    if (channel === undefined) return;
    switch (kind) {
      case ToHub.ASK:
        channel.asked(request, body);
        break;
      case ToHub.TELL:
        channel.told(body, request);
        break;
      case ToHub.CANCEL:
        channel.cancelled(request);
        break;
      case ToHub.CLOSE:
        this.#drop(channel);
    }
  }

  #open(number: number, id: string, body: unknown): void {
    if (this.#channels.has(number)) {
      this.#frames.destroy(new WireError(`The channel ${number} was opened twice`));
      return;
    }
    let channel: Channel | undefined;
    try {
      channel = new Channel(this, number, this.#services.service(id));
      this.#channels.set(number, channel);
      channel.service.opened?.(channel, body);
    } catch (error) {
      if (channel !== undefined && this.#channels.get(number) === channel) this.#channels.delete(number);
      this.put(FromHub.CLOSED, number, 0, packError(error));
    }
  }
}

/** One channel: a peer of a service. */
class Channel implements Peer {
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
    this.connection.close(this, error);
  }

  asked(id: number, body: unknown): void {
    if (this.#open.has(id)) {
      this.close(new WireError(`The request ${id} was made twice`));
      return;
    }
    const request = new Request(this, id);
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

/** A request that has not been answered: somebody waits for this process, which must not end meanwhile. */
class Request implements Answer {
  readonly #channel: Channel;
  readonly id: number;
  #over = false;
  #holds = true;
  onCancel: (() => void) | undefined = undefined;

  constructor(channel: Channel, id: number) {
    this.#channel = channel;
    this.id = id;
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
    this.#channel.connection.put(FromHub.FAIL, this.#channel.number, this.id, packError(error));
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
    if (this.#holds) release();
    this.#channel.answered(this);
    return true;
  }
}

/** An error as a body. What inside it cannot travel is replaced by a description. */
export function packError(error: unknown): unknown {
  let made: Parcelled;
  try {
    made = pack('The error', error, MOST);
  } catch (cause) {
    made = pack('The error', cause, MOST);
  }
  letLeave(made.leaving); // it is on its way at once
  return made.packed;
}
