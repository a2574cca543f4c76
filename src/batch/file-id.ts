import { type BigIntStats, fstatSync, statSync } from 'node:fs';

/**
 * Names a file by its device and inode, so that all names of one file (links, other folders,
 * descriptors) give the same text. A file that is not there has none, and neither has a terminal,
 * another device or a socket, which may be read and written alike.
 *
 * @param file A path, whose links are followed, or the number of an open descriptor.
 */
export function fileId(file: string | number): string | undefined {
  let stat: BigIntStats | undefined;
  try {
    stat = typeof file === 'number' ? fstatSync(file, { bigint: true }) : statSync(file, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined; // it cannot be looked at, so it cannot be opened either, and opening it tells why
  }
  return stat === undefined || stat.isCharacterDevice() || stat.isSocket() ? undefined : idOf(stat);
}

/** The same for a file that has been looked at. */
export const idOf = ({ dev, ino }: { dev: bigint; ino: bigint }): string => `${dev}:${ino}`;

/**
 * The first of some files that is the same as this one, whatever its name.
 *
 * @internal
 */
export function sameAs<F extends string | number>(file: string | number, others: readonly F[]): F | undefined {
  const id = fileId(file);
  return id === undefined ? undefined : others.find((other) => fileId(other) === id);
}
