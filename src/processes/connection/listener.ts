import type { Socket } from 'node:net';
import { bare, ConnectionClosedError, func, listenHere, milliseconds, outside, readOptions, text, whole } from '../../core/index.js';
import { type Future, FutureSource } from '../../futures/index.js';
import { Connection } from './connection.js';
import { Gate } from './gate.js';
import { key as isKey, type Key, keyBytes } from './key.js';
import { begin, readLimits, type WaitLimits } from './limits.js';
import type { Seal } from './seal.js';
import { SocketLine } from './socket-line.js';
import { listenAt, listenPrivately } from './socket-path.js';

/** How a {@link Listener} is made. */
export interface ListenerOptions {
  /** What both sides know: 16 bytes or more. Has to be said. */
  key: Key;
  /** Where to listen: a path, or on Windows `\\.\pipe\` and a name. Default: a fresh one, which `listener.path` tells. */
  path?: string;
  /** The largest message that is sent or taken, in bytes. Default: 64 MB. */
  maxMessage?: number;
  /** How long somebody who connects may take to prove that it knows the key, in ms. Default: 5,000. */
  handshakeTimeout?: number;
  /** Is told whenever somebody was turned away, and why. */
  onRefused?: (error: Error) => void;
}

/** The largest message that a connection may be asked to carry, in bytes. */
export const MOST_POSSIBLE = 2 ** 31;
export const MOST_BY_DEFAULT = 64 * 2 ** 20;
const table = { key: isKey, path: text, maxMessage: whole(1, MOST_POSSIBLE), handshakeTimeout: milliseconds, onRefused: func };

/** Connections that were let in and that nobody has accepted, at most; more are closed. */
const BACKLOG = 128;

/**
 * Listens for other processes of this machine that know the key, each of which becomes a {@link Connection}: a Unix socket that only this user can open, or a named pipe on Windows.
 * Both sides have to prove that they know the key, and nothing that comes before is read as a
 * message. All further messages are sealed: a message that somebody in between changes, leaves out,
 * repeats or puts in ends the connection with a WireError. It is not encrypted. It keeps its
 * process alive only while somebody waits to accept.
 *
 * Cancelling: `accept` and each step of `for await` are cancellation points.
 *
 * @example
 * ```ts run
 * import { randomBytes } from 'node:crypto';
 * import { connect, Listener } from 'meantime/processes';
 *
 * const key = randomBytes(32);
 * await using listener = await Listener.open({ key });
 * const [there, here] = await Promise.all([listener.accept(), connect(listener.path, { key })]); // two processes, most often
 * await here.send({ hello: 'you' });
 * await there.receive(); // => { hello: 'you' }
 * await here.close();
 * ```
 */
export class Listener implements AsyncDisposable {
  readonly #gate: Gate;
  readonly #most: number;
  readonly #acceptors = new Set<{ source: FutureSource<unknown>; steps: boolean }>();
  readonly #backlog = new Set<Connection>();
  #closed = false;

  private constructor({ key, maxMessage, handshakeTimeout, onRefused }: ListenerOptions) {
    this.#most = maxMessage ?? MOST_BY_DEFAULT;
    this.#gate = new Gate(key as Uint8Array, handshakeTimeout ?? 5000, {
      admitted: (socket, rest, seal) => this.#admitted(socket, { rest, seal: seal() }),
      refused: (error) => onRefused?.(error),
    });
  }

  /**
   * Starts to listen.
   *
   * Cancelling: it is over before it could be.
   *
   * @throws {OptionError} code `MEANTIME_OPTION`: a key that is too short, a path that is in use or cannot be made.
   */
  static open(options: ListenerOptions): Future<Listener> {
    const read = readOptions('Listener', options, table);
    const key = keyBytes('Listener', read.key);
    const source = new FutureSource<Listener>();
    const future = begin(source, 'Listener.open', bare({}), (error) => source.reject(error));
    const onRefused = read.onRefused && listenHere(read.onRefused);
    const listener = outside(() => new Listener(bare({ ...read, key, onRefused })));
    outside(() => listener.#listen(read.path)).then(
      () => {
        if (!source.fulfil(listener)) listener.#gate.close(true);
      },
      (error: unknown) => source.reject(error),
    );
    return future;
  }

  /** Where it listens. */
  get path(): string {
    return this.#gate.path;
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * The next who connects and knows the key.
   *
   * Cancelling: takes nobody.
   *
   * @throws {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`, if the listener is closed.
   */
  accept<In = unknown, Out = In>(options?: WaitLimits): Future<Connection<In, Out>> {
    return this.#accept(readLimits('listener.accept', options), false) as Future<Connection<In, Out>>;
  }

  /**
   * Everyone who connects, until the listener is closed.
   *
   * Cancelling: each step is a cancellation point.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Connection> {
    return {
      next: () => this.#accept(bare({}), true) as Future<IteratorResult<Connection>>,
      return: async (value?: unknown) => ({ done: true, value }),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /**
   * Lets nobody in any more, and takes the socket's file away. Connections that were accepted stay; those that were not are closed.
   *
   * Cancelling: it is over before it could be.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#gate.close(false);
    for (const connection of this.#backlog) connection.close({ discard: true });
    this.#backlog.clear();
    for (const { source, steps } of this.#acceptors) {
      if (steps) source.fulfil({ done: true, value: undefined });
      else source.reject(this.#refusal());
    }
    this.#acceptors.clear();
  }

  /** `close`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #listen(path: string | undefined): Promise<void> {
    const { server } = this.#gate;
    this.#gate.opened(path === undefined ? listenPrivately(server) : await listenAt(server, path));
  }

  #admitted(socket: Socket, said: { rest: Buffer; seal: Seal }): void {
    if (this.#backlog.size >= BACKLOG) {
      for (const connection of this.#backlog) if (connection.closed && connection.waiting === 0) this.#backlog.delete(connection);
    }
    if (this.#closed || (this.#acceptors.size === 0 && this.#backlog.size >= BACKLOG)) {
      socket.destroy();
      return;
    }
    const connection = new Connection(new SocketLine(socket, this.#most, said));
    for (const acceptor of this.#acceptors) {
      this.#acceptors.delete(acceptor);
      acceptor.source.fulfil(acceptor.steps ? { done: false, value: connection } : connection);
      return;
    }
    this.#backlog.add(connection);
  }

  #accept(limits: WaitLimits, steps: boolean): Future<unknown> {
    const source = new FutureSource<unknown>();
    for (const connection of limits.signal?.aborted ? [] : this.#backlog) {
      this.#backlog.delete(connection);
      source.fulfil(steps ? { done: false, value: connection } : connection);
      return source.future;
    }
    if (this.#closed) {
      if (steps) source.fulfil({ done: true, value: undefined });
      else source.reject(this.#refusal());
      return source.future;
    }
    const acceptor = { source, steps };
    this.#acceptors.add(acceptor);
    return begin(source, 'listener.accept', limits, (error) => {
      this.#acceptors.delete(acceptor);
      source.reject(error);
    });
  }

  #refusal(): Error {
    return new ConnectionClosedError('Cannot accept: this listener is closed');
  }
}
