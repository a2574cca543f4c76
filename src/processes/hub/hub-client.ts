import type { Socket } from 'node:net';
import { bare, ConnectionClosedError, type Leaving, letLeave, outside } from '../../core/index.js';
import { type Future, FutureSource } from '../../futures/index.js';
import { anError } from '../connection/an-error.js';
import { closedError, FrameSocket } from '../connection/frame-socket.js';
import { introduce } from '../connection/handshake.js';
import { begin, type WaitLimits } from '../connection/limits.js';
import { unpackThen } from '../connection/packed.js';
import { connectPrivately } from '../connection/socket-path.js';
import { FromHub, faultOf, hubOf, MOST, ToHub, type Where } from './messages.js';

/** How long connecting to a hub may take, in ms. */
const CONNECT = 10_000;

/** Who is told of what comes on a channel. */
export interface ChannelEvents {
  /** Something that is no answer. */
  told?(body: unknown, kind: number): void;
  /** The channel is closed from the other side, or the connection has ended. Once, and not after `close()`. Requests fail after this. */
  closed?(error: ConnectionClosedError): void;
}

/** How a request is waited for. */
export interface AskOptions extends WaitLimits {
  /** What it is, for messages: `ProcessLock.acquire`. */
  doing?: string;
  /** About how many bytes the body has, if it is large. */
  size?: number;
  /** The things that leave in the body, once it is asked. */
  leaving?: readonly Leaving[];
  /** Takes an answer that came after the request was cut off: what was handed over must go back. */
  late?: (body: unknown) => void;
}

const clients = new Map<string, HubClient>();

/** Opens a channel to a service in another process or thread. All channels to one hub share a connection. What is said at once waits until it is there. */
export function openChannel(where: Where, body: unknown, events: ChannelEvents): FarChannel {
  const [path, key, id] = where;
  const hub = hubOf(where);
  let client = clients.get(hub);
  if (client === undefined) {
    client = new HubClient(hub, path, key);
    clients.set(hub, client);
  }
  return client.open(id, body, events);
}

/** This thread's connection to the hub of another. It goes with its last channel. */
class HubClient {
  readonly #hub: string;
  readonly #channels = new Map<number, FarChannel>();
  readonly #socket: Socket;
  #frames: FrameSocket | undefined;
  /** What is said before the connection is there. */
  #early: unknown[] = [];
  #last = 0;
  #over = false;
  /** Why the hub takes no more connections. */
  #refusal: Error | undefined;

  /** @param hub What it is found by. */
  constructor(hub: string, path: string, key: Uint8Array) {
    this.#hub = hub;
    const { threadId } = process.getBuiltinModule('node:worker_threads');
    this.put(ToHub.HELLO, process.pid, threadId, undefined);
    const socket = outside(() => connectPrivately(path));
    this.#socket = socket;
    socket.unref();
    let failure: Error | undefined;
    socket.on('error', (error) => {
      failure ??= error;
    });
    socket.on('close', () => {
      if (this.#frames === undefined) this.#end(failure); // else the frames tell
    });
    introduce(socket, key, CONNECT, (error, rest) => {
      if (error !== undefined) {
        failure ??= error;
        socket.destroy();
      } else this.#connected(rest);
    });
  }

  open(id: string, body: unknown, events: ChannelEvents): FarChannel {
    const channel = new FarChannel(this, ++this.#last, events);
    this.#channels.set(channel.number, channel);
    this.put(ToHub.OPEN, channel.number, id, body);
    return channel;
  }

  /** @param request Its number; or, of OPEN, the service's id. */
  put(kind: number, channel: number, request: number | string, body: unknown, size = 64): void {
    if (this.#frames !== undefined) this.#frames.put4(kind, channel, request, body, size);
    else if (!this.#over) this.#early.push(kind, channel, request, body);
  }

  flush(): void {
    this.#frames?.flush();
  }

  forget(channel: FarChannel): void {
    this.#channels.delete(channel.number);
    if (this.#channels.size > 0) return;
    // Soon, since another may be opened in this turn.
    process.nextTick(() => {
      if (this.#channels.size > 0 || this.#over || this.#frames === undefined) return; // not connected: what is to be said first is said then
      this.#leave(this.#frames);
    });
  }

  #leave(frames: FrameSocket): void {
    if (clients.get(this.#hub) === this) clients.delete(this.#hub);
    this.#over = true;
    frames.close();
  }

  #connected(rest: Buffer): void {
    const frames = new FrameSocket(
      this.#socket,
      bare({ most: MOST, mostListed: MOST }), // all the items of a queue, for one: somebody here has asked for them
      {
        frame: (items) => this.#frame(items),
        room: () => undefined,
        end: (error) => this.#end(error),
      },
    );
    this.#frames = frames;
    const early = this.#early;
    this.#early = [];
    for (let i = 0; i < early.length; i += 4) frames.put4(early[i], early[i + 1], early[i + 2], early[i + 3], 64);
    frames.start(rest);
    if (this.#channels.size === 0) this.#leave(frames);
  }

  #frame(items: unknown[]): void {
    const fault = faultOf(items, FromHub.CLOSED);
    if (fault !== undefined) {
      this.#frames?.destroy(fault);
      return;
    }
    for (let i = 0; i < items.length; i += 4) {
      const number = items[i + 1] as number;
      if (number === 0) this.#refused(items[i + 3]);
      const channel = this.#channels.get(number);
      // It was closed here, which the hub did not know yet.
      if (channel !== undefined) channel.receive(items[i] as number, items[i + 2] as number, items[i + 3]);
    }
  }

  #refused(why: unknown): void {
    unpackThen(why, (error) => {
      this.#refusal = error as Error;
    });
  }

  #end(cause = this.#refusal): void {
    if (clients.get(this.#hub) === this) clients.delete(this.#hub);
    if (this.#over && this.#channels.size === 0) return;
    this.#over = true;
    this.#early = [];
    const error = closedError('The process where this lives is gone', cause);
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    for (const channel of channels) channel.ended(error);
  }
}

/** The far end of a channel. */
export class FarChannel {
  readonly #client: HubClient;
  readonly number: number;
  readonly #events: ChannelEvents;
  readonly #requests = new Map<number, Asked>();
  /** Answers that nobody waits for any more, and what is to be done with them. */
  #late: Map<number, (body: unknown) => void> | undefined;
  #last = 0;
  #error: ConnectionClosedError | undefined;

  constructor(client: HubClient, number: number, events: ChannelEvents) {
    this.#client = client;
    this.number = number;
    this.#events = events;
  }

  /** Why it is closed, if it is. */
  get error(): ConnectionClosedError | undefined {
    return this.#error;
  }

  /**
   * Asks, and gives the body of the answer. While it waits it holds the event loop.
   *
   * Cancelling: the other side is told; an answer that comes all the same goes to `late`.
   *
   * @throws {ConnectionClosedError} if the channel is closed, or is before the answer comes; else what the service answers.
   */
  ask(body: unknown, options: AskOptions = bare({})): Future<unknown> {
    const source = new FutureSource<unknown>();
    if (this.#error !== undefined) {
      source.reject(this.#error);
      return source.future;
    }
    const id = ++this.#last;
    this.#requests.set(id, { source });
    this.#client.put(ToHub.ASK, this.number, id, body, options.size);
    letLeave(options.leaving);
    return begin(source, options.doing ?? 'The request', options, (error) => {
      if (!this.#requests.delete(id)) return;
      this.#client.put(ToHub.CANCEL, this.number, id, undefined);
      if (options.late) {
        this.#late ??= new Map();
        this.#late.set(id, options.late);
      }
      source.reject(error);
    });
  }

  /** Says something that wants no answer. @param kind A small number, for both sides to agree on. @param size About how many bytes the body has, if it is large. */
  tell(body: unknown, kind = 0, size?: number): void {
    if (this.#error === undefined) this.#client.put(ToHub.TELL, this.number, kind, body, size);
  }

  /** Lets what was said leave now, and not at the end of the turn. */
  flush(): void {
    this.#client.flush();
  }

  /** Closes it; requests fail. */
  close(): void {
    if (this.#error !== undefined) return;
    this.#client.put(ToHub.CLOSE, this.number, 0, undefined);
    this.#finish(new ConnectionClosedError('This handle was closed'));
    this.#client.forget(this);
  }

  /** @internal */
  receive(kind: number, id: number, body: unknown): void {
    if (kind === FromHub.TELL) this.#events.told?.(body, id);
    else if (kind === FromHub.CLOSED) {
      this.#client.forget(this);
      unpackThen(body, (cause) => {
        if (cause instanceof ConnectionClosedError) this.ended(cause);
        else this.ended(closedError('The other side has closed this', cause === undefined ? undefined : anError(cause)));
      });
    } else {
      const asked = this.#requests.get(id);
      if (asked === undefined) this.#tooLate(kind, id, body);
      else {
        this.#requests.delete(id);
        if (kind === FromHub.ANSWER) asked.source.fulfil(body);
        else unpackThen(body, (error) => asked.source.reject(anError(error)));
      }
    }
  }

  /** @internal */
  ended(error: ConnectionClosedError): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#events.closed?.(error);
    this.#finish(error);
  }

  #tooLate(kind: number, id: number, body: unknown): void {
    const late = this.#late?.get(id);
    this.#late?.delete(id);
    if (kind === FromHub.ANSWER) late?.(body);
  }

  #finish(error: ConnectionClosedError): void {
    this.#error = error;
    this.#late = undefined;
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    for (const { source } of requests) source.reject(error);
  }
}

interface Asked {
  readonly source: FutureSource<unknown>;
}
