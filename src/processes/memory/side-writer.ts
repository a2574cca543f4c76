import { clock, isSystemError, type Timer, writeAll } from '../../core/index.js';
import type { SideWriter } from '../../wire/index.js';
import { closeFile, isFull, readAt, truncate } from './files.js';

/** The first byte of the file is the reader's: how many messages it has taken, modulo 256. Buffers begin behind the first page. */
export const FIRST = 4096;
/** The number of messages under way that a byte can count without doubt. */
const MOST = 200;
/** Bytes that are kept for the next message: pages that the file has need not be found and cleared. */
const KEEP = 256 * 2 ** 20;
/** How long the file's memory is kept when nothing large is sent, in ms. */
const IDLE = 1000;

/**
 * One direction of a connection: a file that both processes have open, one writes and the other reads. Nothing is mapped: copying through the descriptor costs
 * no page faults, and can fail but not crash. Where what has been taken was, the next is written.
 */
export class BesideWriter implements SideWriter {
  readonly #fd: number;
  /** Messages that may not have been taken, in the order in which they were put. */
  #live: { start: number; end: number }[] = [];
  /** Of messages that have been taken, modulo 256. */
  #taken = 0;
  #end = FIRST;
  #closed = false;
  /** The count of what has been taken makes no sense. */
  #isSpoilt = false;
  #timer: Timer | undefined;
  /** Whether something was put since the timer was set. */
  #used = false;
  readonly #count = Buffer.alloc(1);

  constructor(fd: number) {
    this.#fd = fd;
  }

  put(buffers: readonly ArrayBuffer[]): number | undefined {
    if (this.#closed) return undefined;
    if (this.#live.length > 0) this.#settle();
    if (this.#isSpoilt || this.#live.length >= MOST) return undefined;
    if (this.#end > KEEP) this.#trim();
    let size = 0;
    for (const { byteLength } of buffers) size += byteLength;
    const start = this.#gap(size);
    try {
      let at = start;
      for (const buffer of buffers) {
        writeAll(this.#fd, new Uint8Array(buffer), at);
        at += buffer.byteLength;
      }
    } catch (error) {
      if (!isSystemError(error)) throw error;
      // The bytes go inline: this time if there is no room, from now on if it is something else.
      if (!isFull(error)) this.#isSpoilt = true;
      this.#end = Math.max(this.#end, start + size);
      this.#trim();
      return undefined;
    }
    this.#live.push({ start, end: start + size });
    this.#end = Math.max(this.#end, start + size);
    this.#used = true;
    if (this.#timer === undefined) this.#trimLater();
    return start;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    closeFile(this.#fd);
  }

  /** Where as many bytes are free: the first such place, so that the same pages serve again. */
  #gap(size: number): number {
    let at = FIRST;
    for (const { start, end } of [...this.#live].sort((a, b) => a.start - b.start)) {
      if (start - at >= size) break;
      at = Math.max(at, end);
    }
    return at;
  }

  #settle(): void {
    if (readAt(this.#fd, this.#count, 0) === 0) return; // it has told nothing yet
    const more = (this.#count[0] - this.#taken) & 255;
    if (more > this.#live.length) {
      // Something over there writes to a descriptor that is not its own. What is under way stays where it is, and from now on all goes inline.
      this.#isSpoilt = true;
      return;
    }
    this.#taken = this.#count[0];
    this.#live.splice(0, more);
  }

  /** Lets go of what is behind the last message that may not have been taken. */
  #trim(): void {
    const end = this.#live.reduce((most, { end }) => Math.max(most, end), FIRST);
    if (end < this.#end) truncate(this.#fd, end);
    this.#end = end;
  }

  #trimLater(): void {
    this.#used = false;
    this.#timer = clock.after(
      IDLE,
      () => {
        this.#timer = undefined;
        this.#settle();
        if (this.#isSpoilt) return;
        if (!this.#used) this.#trim();
        if (this.#used || this.#live.length > 0) this.#trimLater();
      },
      true,
    );
  }
}
