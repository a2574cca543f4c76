/** The most bytes for one write: the kernel takes no more at a time anyway. */
const STEP = 2 ** 30;

/**
 * Writes all of some bytes to a descriptor. The system may write less than it was asked to, when a
 * disk is nearly full for instance, and only the next write says why.
 *
 * @param at Where in the file, in bytes; without it at the descriptor's own position.
 */
export function writeAll(fd: number, bytes: Uint8Array, at?: number): void {
  const { writeSync } = process.getBuiltinModule('node:fs');
  for (let done = 0; done < bytes.byteLength; ) {
    done += writeSync(fd, bytes, done, Math.min(STEP, bytes.byteLength - done), at === undefined ? null : at + done);
  }
}
