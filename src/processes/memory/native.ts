import { codeOf } from './code-of.js';
import { bindPosix } from './posix.js';

/** What only native code can do. Everything else is done with files. */
export interface Native {
  /** A file in memory that has no name and is gone with its last descriptor; `undefined` where the system has none. */
  memoryFile(): number | undefined;
  /** From now on nobody can make such a file smaller: who touches what is gone is ended by the system. */
  keepSize(fd: number): void;
  /** One memory for all who map the same file. It is let go when the buffer has been collected, never before. */
  map(fd: number, size: number): ArrayBuffer;
  /** Asks for large pages: being given small ones is most of what a fresh buffer of many MB costs. Advice only. */
  adviseHuge(buffer: ArrayBuffer): void;
}

/** As much of koffi as is used: its own types may not be installed. */
export interface Koffi {
  load(path: null): { func(prototype: string): unknown };
  address(value: ArrayBuffer): bigint;
  view(address: unknown, length: number): ArrayBuffer;
  errno(): number;
}

/** The native part, or why there is none. */
export type Found = { readonly native: Native } | { readonly native: undefined; readonly reason: string };

let found: Found | undefined;

/** Loads the native part at the first use. `MEANTIME_NATIVE=off` does without. */
export function findNative(): Found {
  found ??= load();
  return found;
}

function load(): Found {
  if (process.env.MEANTIME_NATIVE === 'off') return { native: undefined, reason: 'MEANTIME_NATIVE is "off"' };
  let koffi: Koffi;
  try {
    koffi = process.getBuiltinModule('node:module').createRequire(import.meta.url)('koffi') as Koffi;
  } catch (error) {
    const missing = codeOf(error) === 'MODULE_NOT_FOUND';
    return { native: undefined, reason: missing ? 'koffi is not installed' : `koffi cannot be loaded: ${(error as Error).message}` };
  }
  try {
    return { native: bindPosix(koffi) };
  } catch (error) {
    return { native: undefined, reason: `koffi cannot be used: ${(error as Error).message}` };
  }
}
