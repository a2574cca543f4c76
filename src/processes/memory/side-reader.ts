import { WireError, writeAll } from '../../core/index.js';
import type { SideReader } from '../../wire/index.js';
import { closeFile, identify, readAt } from './files.js';
import { findNative } from './native.js';
import { FIRST } from './side-writer.js';

/** From here on (bytes) large pages save more than loading native code costs. */
const HUGE = 16 * 2 ** 20;

/** The other end of a {@link BesideWriter}: copies into buffers of its own, which whoever gets them may keep and change. */
export class BesideReader implements SideReader {
  readonly #fd: number;
  readonly #taken = Buffer.alloc(1);
  /** As large as the file has been known to be: asking costs as much as reading a little. */
  #size = 0;
  #closed = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  take(start: number, sizes: readonly number[]): ArrayBuffer[] {
    const size = sizes.reduce((sum, n) => sum + n, 0);
    const right = Number.isSafeInteger(start) && start >= FIRST && sizes.every((n) => Number.isSafeInteger(n) && n > 0);
    if (right && start + size > this.#size) this.#size = identify(this.#fd).size;
    if (!right || start + size > this.#size) throw new WireError(`${size} bytes from ${start} on are not in a file of ${this.#size} bytes`);
    let at = start;
    const buffers = sizes.map((n) => {
      const bytes = Buffer.allocUnsafeSlow(n);
      if (n >= HUGE) findNative().native?.adviseHuge(bytes.buffer);
      if (readAt(this.#fd, bytes, at) < n) throw new WireError(`The ${n} bytes from ${at} on have been taken away`);
      at += n;
      return bytes.buffer;
    });
    this.#taken[0]++;
    writeAll(this.#fd, this.#taken, 0);
    return buffers;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeFile(this.#fd);
  }
}
