import { WireError } from '../../core/index.js';
import type { SideReader } from '../../wire/index.js';
import { closeFile, identify, readAt, writeAt } from './files.js';
import { findNative } from './native.js';
import { FIRST } from './side-writer.js';

/** From here on (bytes) large pages save more than loading native code costs. */
const HUGE = 16 * 2 ** 20;

/** The other end of a {@link BesideWriter}: copies into buffers of its own, which whoever gets them may keep and change. */
export class BesideReader implements SideReader {
  readonly #fd: number;
  readonly #taken = Buffer.alloc(1);
  #closed = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  take(start: number, sizes: readonly number[]): ArrayBuffer[] {
    const size = sizes.reduce((sum, n) => sum + n, 0);
    const right = Number.isSafeInteger(start) && start >= FIRST && sizes.every((n) => Number.isSafeInteger(n) && n > 0);
    const there = identify(this.#fd).size;
    if (!right || start + size > there) throw new WireError(`${size} bytes from ${start} on are not in a file of ${there} bytes`);
    let at = start;
    const buffers = sizes.map((n) => {
      const bytes = Buffer.allocUnsafeSlow(n);
      if (n >= HUGE) findNative().native?.adviseHuge(bytes.buffer);
      readAt(this.#fd, bytes, at);
      at += n;
      return bytes.buffer;
    });
    this.#taken[0]++;
    writeAt(this.#fd, this.#taken, 0);
    return buffers;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeFile(this.#fd);
  }
}
