import { writeAll } from '../../core/index.js';
import { closeFile, namelessFile, readAt } from './files.js';
import type { Native } from './native.js';

const SIZE = 4096;

/**
 * Maps a page and looks whether it is what it should be: memory is handed out only by what has been
 * seen to work.
 *
 * @throws {Error} in one sentence, if it does not.
 */
export function tryNative(native: Native): void {
  const fd = native.memoryFile() ?? namelessFile();
  if (fd === undefined) return; // this system has no file without a name, and what is mapped is checked each time
  try {
    const page = Buffer.alloc(SIZE, 0xa5);
    writeAll(fd, page);
    const buffer = native.map(fd, SIZE);
    const seen = Buffer.from(buffer);
    if (!seen.equals(page)) throw new Error('what it maps is not what the file holds');
    seen.fill(0x5a);
    readAt(fd, page, 0);
    if (!seen.equals(page)) throw new Error('what is written to its memory is not in the file');
    native.keepSize(fd);
    native.adviseHuge(buffer);
  } finally {
    closeFile(fd);
  }
}
