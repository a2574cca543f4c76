import type { Socket } from 'node:net';
import { bare, ConnectionClosedError, clock, messageOf, type Timer, TooLargeError, WireError } from '../../core/index.js';
import { FrameReader, untilSent } from '../../wire/index.js';
import { readBatch, writeBatch } from './batch.js';
import type { Seal } from './seal.js';

/** What gathers beyond this many bytes leaves before the turn is over. */
const FULL_BATCH = 65_536;
/**
 * With this many bytes not yet taken by the system, no more should be given; unless the owner says
 * another number.
 */
const FULL = 262_144;

/** How long the other side may take to end, once this one has, in ms. */
const LINGER = 10_000;

/** Who is told of what a socket brings. */
export interface FrameEvents {
  /** What the other side said in one turn. */
  frame(items: unknown[]): void;
  /** There is room again, after `full` was true. */
  room(): void;
  /** Nothing more will come. @param error Unless the other side closed, or died. */
  end(error: Error | undefined): void;
}

/** How much goes over a socket, in bytes. */
export interface FrameBounds {
  /** The largest message that is taken. */
  readonly most: number;
  /** With so much not yet taken by the system, it is `full`. */
  readonly full?: number;
  /**
   * For a socket that others can come between: frames are sealed, and one with another seal ends
   * it.
   */
  readonly seal?: Seal;
  /** The largest array in a frame. Default: 4 MB. */
  readonly mostListed?: number;
}

/** Frames over a socket: what is said in one turn leaves as one, and what cannot be read ends it. It never keeps the process alive. */
export class FrameSocket {
  readonly #socket: Socket;
  readonly #events: FrameEvents;
  readonly #fullAt: number;
  readonly #seal: Seal | undefined;
  readonly #reader: FrameReader;
  #batch: unknown[] = [];
  #bytes = 0;
  #asked = false;
  #wasFull = false;
  /** The system has not taken all yet; that is being waited for. */
  #isLeaving = false;
  #over = false;
  #closing = false;
  /** Nobody reads at the other side any more. */
  #isDead = false;
  #linger: Timer | undefined;
  #error: Error | undefined;
  readonly #flush = () => this.flush();

  /**
   * @param socket Paused: nothing is read before `start`.
   */
  constructor(socket: Socket, { most, full = FULL, mostListed, seal }: FrameBounds, events: FrameEvents) {
    this.#socket = socket;
    this.#fullAt = full;
    this.#seal = seal;
    this.#events = events;
    this.#reader = new FrameReader(
      (items) => this.#take(items),
      bare({
        most: most + 2 * FULL_BATCH + (seal?.size ?? 0),
        read: (frame) => readBatch(seal === undefined ? frame : seal.open(frame), mostListed),
      }),
    );
    socket.unref();
    socket.setMaxListeners(20);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#readOnAfterFailedWrite(socket);
    socket.on('end', () => {
      if (this.#isDead) socket.destroy();
      if (this.#reader.half) this.#error ??= new WireError('The stream ended in the middle of a frame');
    });
    socket.on('error', (error) => {
      if (!isGone(error)) this.#error ??= error;
    });
    socket.on('drain', () => this.#tellRoom());
    socket.on('close', () => this.#end());
  }

  get over(): boolean {
    return this.#over;
  }

  /** Whether more should wait until `room` is told. */
  get full(): boolean {
    const full = !this.#isDead && this.#bytes + this.#socket.writableLength >= this.#fullAt;
    if (full) this.#wasFull = true;
    return full;
  }

  /** Begins to listen. Call it once, when whoever is to be told is ready. */
  start(rest: Buffer): void {
    this.#socket.resume(); // before: what is read may ask for a pause
    if (rest.length > 0) this.#read(rest);
  }

  /** Four things to say, in the frame of this turn. @param size About how many bytes they have. */
  put4(a: unknown, b: unknown, c: unknown, d: unknown, size: number): void {
    if (this.#over) return;
    this.#batch.push(a, b, c, d);
    this.#grown(size);
  }

  /** One thing to say. */
  put(item: unknown, size: number): void {
    if (this.#over) return;
    this.#batch.push(item);
    this.#grown(size);
  }

  #grown(size: number): void {
    this.#bytes += size;
    if (this.#bytes >= FULL_BATCH) this.flush();
    else if (!this.#asked) {
      this.#asked = true;
      process.nextTick(this.#flush);
    }
  }

  /** Writes what has gathered. */
  flush(): void {
    this.#asked = false;
    if (this.#batch.length === 0 || this.#over) return;
    if (this.#isDead) {
      this.#batch = [];
      this.#bytes = 0;
      return;
    }
    const pieces = writeBatch(this.#batch, this.#seal);
    this.#batch = [];
    this.#bytes = 0;
    const socket = this.#socket;
    if (pieces.length === 1) socket.write(pieces[0]);
    else {
      socket.cork();
      for (const piece of pieces) socket.write(piece);
      socket.uncork();
    }
    if (socket.writableLength > 0 && !this.#isLeaving) {
      this.#isLeaving = true;
      untilSent(new Promise<void>((resolve) => this.#untilLeft(resolve)));
    }
    // What the system took at once leaves no 'drain' behind.
    if (this.#wasFull && socket.writableLength < this.#fullAt) process.nextTick(() => this.#tellRoom());
  }

  /**
   * Node destroys a socket when a write fails, and throws away what the other side had written before it died. That is read first: it cannot be
   * more than the system's buffer holds.
   */
  #readOnAfterFailedWrite(socket: Socket): void {
    const { destroy } = socket;
    socket.destroy = (error?: Error) => {
      const failed = error as NodeJS.ErrnoException | undefined;
      if (this.#isDead || this.#over || failed?.syscall !== 'write' || !isGone(failed) || socket.readableEnded)
        return destroy.call(socket, error);
      this.#isDead = true;
      this.#batch = [];
      process.nextTick(() => this.#tellRoom()); // what waits for room can have it: nobody reads it
      // A failed write marks the reading side as failed, too: then its end would not be told.
      const { _readableState } = socket as unknown as { _readableState: { errored: unknown } };
      _readableState.errored = null;
      socket.resume();
      return socket;
    };
  }

  /** An empty piece is written when all before it have been; by then there may be more. */
  #untilLeft(done: () => void): void {
    this.#socket.write('', () => {
      if (this.#socket.writableLength > 0 && !this.#isDead && !this.#socket.destroyed) return this.#untilLeft(done);
      this.#isLeaving = false;
      done();
    });
  }

  pause(): void {
    if (!this.#isDead) this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /**
   * Ends it once everything has been written. What still comes is read and thrown away until the other side ends too: to close a socket with bytes in it
   * could cost the other side what it has not read.
   *
   * @param done Called when everything has been written, or cannot be.
   */
  close(done?: () => void): void {
    this.flush();
    this.#closing = true;
    const socket = this.#socket;
    socket.end(() => {
      done?.();
      if (!this.#over) this.#linger = clock.after(LINGER, () => socket.destroy(), true);
    });
    socket.resume();
  }

  /** Ends it now. */
  destroy(error?: Error): void {
    this.#error ??= error;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      // Whatever goes wrong with it is the fault of who sent it, and of no other connection.
      const isTold = error instanceof WireError || error instanceof TooLargeError;
      this.destroy(isTold ? error : new WireError(`What came could not be acted upon: ${messageOf(error)}`, { cause: error }));
    }
  }

  #take(items: unknown[]): void {
    if (!this.#over && !this.#closing && this.#error === undefined) this.#events.frame(items);
  }

  #tellRoom(): void {
    if (!this.#wasFull || this.#over || this.full) return;
    this.#wasFull = false;
    this.#events.room();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#linger?.cancel();
    this.#batch = [];
    this.#events.end(this.#error);
  }
}

/** Whether an error of a socket says only that the other side is not there any more. */
export function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EPIPE' || code === 'ECONNRESET' || code === 'ERR_STREAM_DESTROYED' || code === 'ERR_STREAM_WRITE_AFTER_END';
}

/** The error of whoever wants something of a connection that has ended. */
export function closedError(what: string, cause: Error | undefined): ConnectionClosedError {
  return new ConnectionClosedError(cause === undefined ? what : `${what} (${messageOf(cause)})`, cause && { cause });
}
