import { ConnectionClosedError } from '../../core/index.js';
import { Connection } from '../connection/connection.js';
import { deaf, type Line } from '../connection/line.js';
import { isReading } from '../connection/packed.js';
import { hub } from '../hub/hub.js';
import { FarLine } from './far-line.js';
import { PipeHalf } from './pipe-half.js';
import type { Ticket } from './protocol.js';

/**
 * Two connected ends of a stream of messages. Each can be passed to a process or a thread, as an argument, in a result or in a message, and on from there; the one that was passed can no longer be used here.
 * What was sent to an end before it was passed is received where it is then.
 *
 * The messages go by way of the process that made the pipe. If that ends, or whoever has the other end closes it, ends or is killed, the stream is at its end.
 *
 * @example
 * ```ts run
 * import { type Connection, pipe, ProcessPoolExecutor } from 'meantime/processes';
 *
 * const pool = new ProcessPoolExecutor({ workers: 1 });
 * const [here, there] = pipe<number>();
 * const work = pool.submit(async (numbers: Connection<number>) => {
 *   for await (const n of numbers) await numbers.send(n * n);
 * }, there);
 * await here.send(12);
 * await here.receive(); // => 144
 * await here.close();
 * await work;
 * await pool.shutdown();
 * ```
 */
export function pipe<A = unknown, B = A>(): [Connection<A, B>, Connection<B, A>] {
  const [a, b] = [new PipeHalf(), new PipeHalf()];
  a.other = b;
  b.other = a;
  return [new Connection<A, B>(a), new Connection<B, A>(b)];
}

/** @internal The end that a ticket stands for: where it arrives. */
export function endOf(ticket: Ticket): Connection {
  const [path, key, id, journey] = ticket;
  if (!hub.isHere([path, key, id])) {
    const line = new FarLine(ticket);
    if (isReading()) line.wake();
    return new Connection(line);
  }
  const half = hub.local([path, key, id]);
  if (half instanceof PipeHalf && half.comeHome(journey)) return new Connection(half);
  return new Connection(new NoLine());
}

/** Under an end that somebody else has, or that was closed. */
class NoLine implements Line {
  readonly home = undefined;
  readonly wake = undefined;
  readonly parcel = undefined;
  readonly leave = undefined;
  readonly strayed = undefined;
  events = deaf;
  readonly most = 0;
  readonly room = false;
  readonly waiting = 0;
  readonly ended = true;
  readonly error = new ConnectionClosedError('This end of the pipe was closed, or taken by another process or thread');

  write(): void {}

  peek(): undefined {}

  take(): undefined {}

  close(_discard: boolean, done: () => void): void {
    done();
  }
}
