import { isSystemError } from '../../core/index.js';
import { closeFile, hasMemoryFolder, memoryLeft, namelessFile } from './files.js';
import { findNative } from './native.js';
import { BesideReader } from './side-reader.js';
import { BesideWriter } from './side-writer.js';

/** Both directions of a connection, for its large buffers. */
export interface Sides {
  readonly writer: BesideWriter;
  readonly reader: BesideReader;
  /** What the other side has to inherit, in this order, for {@link sidesOf}. */
  readonly inherited: readonly number[];
  close(): void;
}

/** What the process that is about to be started will share; `undefined` where large buffers go inline. */
export function openSides(): Sides | undefined {
  const theirs = sideFile();
  if (theirs === undefined) return undefined;
  const ours = sideFile();
  if (ours !== undefined) return sides(theirs, ours, [theirs, ours]);
  closeFile(theirs);
  return undefined;
}

/** The same files, inherited: what this side writes is the first. */
export function sidesOf(writes: number, reads: number): Sides {
  return sides(reads, writes, []);
}

function sides(reads: number, writes: number, inherited: readonly number[]): Sides {
  const [writer, reader] = [new BesideWriter(writes), new BesideReader(reads)];
  return {
    writer,
    reader,
    inherited,
    close() {
      writer.close();
      reader.close();
    },
  };
}

/** A file for one connection's large buffers; `undefined` where large buffers do better inline. */
function sideFile(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return memoryFile();
  } catch (error) {
    // Out of files, most often. Inline all of it still goes; whether a process can be started at
    // all is found out by that.
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

function memoryFile(): number | undefined {
  // Native code takes a while to load, so it is asked only where the folder is small, as in many containers.
  if (hasMemoryFolder() && memoryLeft() > 2 ** 30) return namelessFile();
  return findNative().native?.memoryFile() ?? namelessFile();
}
