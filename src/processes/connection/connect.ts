import {
  AuthenticationError,
  ConnectionClosedError,
  kindOf,
  milliseconds,
  OptionError,
  outside,
  readOptions,
  signal,
  socketOptions,
  TimeoutError,
  text,
  WireError,
  whole,
} from '../../core/index.js';
import { deliveringSource, type Future } from '../../futures/index.js';
import { Connection } from './connection.js';
import { introduce } from './handshake.js';
import { key as isKey, type Key, keyBytes } from './key.js';
import { begin, type WaitLimits } from './limits.js';
import { MOST_BY_DEFAULT, MOST_POSSIBLE } from './listener.js';
import { SocketLine } from './socket-line.js';

/** How to {@link connect}. */
export interface ConnectOptions extends WaitLimits {
  /** What both sides know: 16 bytes or more. Has to be said. */
  key: Key;
  /** The largest message that is sent or taken, in bytes. Default: 64 MB. */
  maxMessage?: number;
}

const table = { key: isKey, maxMessage: whole(1, MOST_POSSIBLE), timeout: milliseconds, signal };

/**
 * Connects to the {@link Listener} of another process of this machine. Each side has proven to the other that it knows the key when the future is fulfilled.
 *
 * Cancelling: closes what there is of a connection.
 *
 * @param path Where the other one listens: its `listener.path`.
 * @throws {AuthenticationError} code `MEANTIME_AUTHENTICATION`, if the keys differ.
 * @throws {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`, if nobody listens there.
 * @throws {WireError} code `MEANTIME_WIRE`, if who listens there is no Listener.
 * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms. Default: 10,000.
 *
 * @example
 * ```ts run
 * import { randomBytes } from 'node:crypto';
 * import { connect } from 'meantime/processes';
 *
 * await connect('/nobody/listens/here', { key: randomBytes(32) }); // => rejects ConnectionClosedError
 * ```
 */
export function connect<In = unknown, Out = In>(path: string, options: ConnectOptions): Future<Connection<In, Out>> {
  // The two may have been given in the other order.
  if (text(path) !== undefined || path === '') throw new OptionError(`connect expects a path, got ${path === '' ? '""' : kindOf(path)}`);
  const read = readOptions('connect', options, table);
  const key = keyBytes('connect', read.key);
  const { timeout = 10_000 } = read;
  const source = deliveringSource<Connection<In, Out>>();
  const { connect: open } = process.getBuiltinModule('node:net');
  const socket = outside(() => open(socketOptions({ path }))); // alone, a path of digits would be a port
  socket.on('error', (cause) => fail(new ConnectionClosedError(`Cannot connect to ${path}: ${cause.message}`, { cause })));
  const fail = (error: unknown) => {
    socket.destroy();
    source.reject(error);
  };
  const future = begin(source, `Connecting to ${path}`, { timeout, signal: read.signal }, fail);
  introduce(socket, key, timeout, (error, rest, seal) => {
    if (source.future.settled) return;
    if (error !== undefined) {
      // A failed connect tells its reason with 'error', which comes before the 'close' that ends the handshake.
      fail(named(error, path));
      return;
    }
    source.fulfil(new Connection<In, Out>(new SocketLine(socket, read.maxMessage ?? MOST_BY_DEFAULT, { rest, seal: seal() })));
  });
  return future;
}

function named(error: Error, path: string): Error {
  const message = `Cannot connect to ${path}: ${error.message}`;
  for (const Class of [AuthenticationError, WireError, TimeoutError, ConnectionClosedError])
    if (error instanceof Class) return new Class(message, { cause: error });
  return error;
}
