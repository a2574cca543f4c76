import { fdatasync, ftruncateSync, write } from 'node:fs';
import { bare, CancelledError, clock, Deque, OutputError } from '../../core/index.js';
import { cannotWrite } from './cannot-write.js';
import type { Output } from './output.js';

/**
 * Lines are written in pieces of at most this size, in bytes; a longer line is a piece of its own.
 */
const PIECE = 128 * 1024;
/** More than this waits for the disk, or for whoever reads the pipe. In bytes. */
const HIGH = 1024 * 1024;
const NEWLINE = 10;
/**
 * How often a file is made safe against a loss of power, in ms. Written lines survive the death
 * of the process without it.
 */
const SYNC = 1000;
/** How long to wait when a pipe that does not block is full, in ms. */
const FULL_PIPE = 5;

/** Whoever read the other end has gone away: no failure of the run, but the end of it. */
export class BrokenPipeError extends CancelledError {}

/** Lines were left because the other end of a pipe does not read them, and the run is to end. */
export class UnreadError extends OutputError {}

/**
 * Writes whole lines to a file, a pipe or a terminal: at most one write at a time, one for all
 * lines of a turn. When a disk is full, what was written of a line is taken back, so that the file
 * always ends with a whole one.
 */
export class LineSink {
  readonly #name: string;
  readonly #fd: number;
  readonly #regular: boolean;
  readonly #failed: (error: Error) => void;
  /**
   * Filled line by line. Text that is kept until it is written would outlive its young generation
   * and cost more than the run.
   */
  #piece: Buffer = Buffer.allocUnsafeSlow(PIECE);
  #at = 0;
  /** Full, and not yet written. */
  readonly #full = new Deque<Buffer>();
  #waiting = 0;
  #spare: Buffer | undefined;
  #size: number;
  #busy = false;
  #asked = false;
  #syncedAt = clock.now();
  #dirty = false;
  #failure: Error | undefined;
  #relief: { promise: Promise<void>; resolve(): void } | undefined;
  #idle: (() => void)[] = [];
  /** How long a full pipe is waited for, in ms, and since when it is full. */
  #patience = Number.POSITIVE_INFINITY;
  #fullSince: number | undefined;

  /**
   * @param output Open, and not closed here. Its content stays.
   * @param failed Told once, as soon as a write fails.
   */
  constructor(output: Output, failed: (error: Error) => void) {
    this.#name = output.name;
    this.#failed = failed;
    this.#fd = output.fd;
    this.#regular = output.id !== undefined;
    this.#size = output.size;
  }

  /** Adds a line, given without its end. A promise means: not more until it resolves. */
  write(line: string): void | Promise<void> {
    if (this.#failure) return;
    if (this.#at + line.length * 3 >= PIECE) this.#turn();
    if (line.length * 3 >= PIECE) this.#keep(Buffer.from(`${line}\n`, 'utf8'));
    else {
      this.#at += this.#piece.write(line, this.#at, 'utf8');
      this.#piece[this.#at++] = NEWLINE;
    }
    if (!this.#asked && !this.#busy) {
      this.#asked = true;
      clock.soon(() => this.#flush());
    }
    if (this.#waiting > HIGH) {
      this.#relief ??= later();
      return this.#relief.promise;
    }
  }

  /** Puts the piece that is being filled with those that wait. */
  #turn(): void {
    if (this.#at === 0) return;
    this.#keep(this.#piece.subarray(0, this.#at));
    this.#piece = this.#spare ?? Buffer.allocUnsafeSlow(PIECE);
    this.#spare = undefined;
    this.#at = 0;
  }

  #keep(bytes: Buffer): void {
    this.#full.push(bytes);
    this.#waiting += bytes.length;
    if (!this.#busy) this.#flush();
  }

  /** Resolves when everything given has been written, or a failure has been told. */
  async drained(): Promise<void> {
    if (this.#busy || (this.#left() && !this.#failure)) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /**
   * From now on a pipe that is full and is not read for `patience` ms is given up, with an
   * UnreadError that `end` throws.
   */
  hurry(patience: number): void {
    this.#patience = Math.min(this.#patience, patience);
  }

  /**
   * Writes what is left and makes it safe against a loss of power. Throws if that cannot be done.
   */
  async end(): Promise<void> {
    await this.drained();
    await this.#sync();
    if (this.#failure) throw this.#failure;
  }

  #left(): boolean {
    return this.#at > 0 || this.#full.size > 0;
  }

  #flush(): void {
    this.#asked = false;
    if (this.#busy || this.#failure) return;
    this.#busy = true; // before `turn`, which would flush by itself
    if (this.#full.size === 0) this.#turn();
    const bytes = this.#full.shift();
    if (bytes === undefined) {
      this.#busy = false;
      return;
    }
    this.#write(bytes, 0);
  }

  #write(bytes: Buffer, from: number): void {
    write(this.#fd, bytes, from, bytes.length - from, null, (error, written) => {
      if (error?.code === 'EAGAIN') {
        this.#fullSince ??= clock.now();
        if (clock.now() - this.#fullSince >= this.#patience) return this.#leave();
        return void clock.after(FULL_PIPE, () => this.#write(bytes, from));
      }
      this.#fullSince = undefined;
      if (error) return this.#fail(error, bytes, from);
      if (from + written < bytes.length) return this.#write(bytes, from + written);
      this.#size += bytes.length;
      this.#dirty = true;
      this.#waiting -= bytes.length;
      if (bytes.buffer.byteLength === PIECE) this.#spare = Buffer.from(bytes.buffer);
      if (this.#waiting <= HIGH) this.#relieve();
      if (clock.now() - this.#syncedAt > SYNC) this.#sync().then(() => this.#next());
      else this.#next();
    });
  }

  #next(): void {
    this.#busy = false;
    if (this.#left() && !this.#failure) this.#flush();
    else for (const resolve of this.#idle.splice(0)) resolve();
  }

  #leave(): void {
    this.#failure = new UnreadError(`Nobody reads ${this.#name}: the last lines are not in it`);
    this.#relieve();
    this.#next();
  }

  #fail(error: NodeJS.ErrnoException, bytes: Buffer, written: number): void {
    // Rule 10: whole lines only.
    const whole = bytes.lastIndexOf(NEWLINE, written - 1) + 1;
    if (this.#regular && written > 0 && whole < written) {
      try {
        ftruncateSync(this.#fd, this.#size + whole);
      } catch (cause) {
        // The torn line stays; who resumes takes it away.
        error.cause = cause;
      }
    }
    this.#failure =
      error.code === 'EPIPE'
        ? new BrokenPipeError(`Whoever read ${this.#name} has gone away`, bare({ cause: error }))
        : cannotWrite(this.#name, error);
    this.#relieve();
    this.#failed(this.#failure);
    this.#next();
  }

  #sync(): Promise<void> {
    if (!this.#regular || !this.#dirty || this.#failure) return Promise.resolve();
    this.#dirty = false;
    this.#syncedAt = clock.now();
    return new Promise((resolve) => {
      fdatasync(this.#fd, (error) => {
        if (error && !this.#failure) {
          this.#failure = cannotWrite(this.#name, error);
          this.#failed(this.#failure);
        }
        resolve();
      });
    });
  }

  #relieve(): void {
    this.#relief?.resolve();
    this.#relief = undefined;
  }
}

function later(): { promise: Promise<void>; resolve(): void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
