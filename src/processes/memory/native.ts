import { shown, variable, warningOf } from '../../core/index.js';
import { ownKoffi, said } from './own-koffi.js';
import { bindPosix, lacking } from './posix.js';
import { tryNative } from './try-native.js';

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

/**
 * Loads the native part at the first use, and tries it. `MEANTIME_NATIVE=off` does without. Where
 * koffi is there and of no use, a warning says why, once.
 */
export function findNative(): Found {
  found ??= load();
  return found;
}

function load(): Found {
  if (variable('MEANTIME_NATIVE') === 'off') return { native: undefined, reason: 'MEANTIME_NATIVE is "off"' };
  const system = lacking();
  if (system !== undefined) return { native: undefined, reason: `koffi cannot be used: ${system}` };
  const own = ownKoffi(process.getBuiltinModule('node:url').fileURLToPath(import.meta.url));
  if (own.koffi === undefined) return own.isMissing ? { native: undefined, reason: own.reason } : useless(own.reason);
  try {
    const native = bindPosix(own.koffi);
    tryNative(native);
    return { native };
  } catch (error) {
    return useless(`koffi cannot be used: ${said(error)}`);
  }
}

function useless(reason: string): Found {
  process.emitWarning(warningOf('MeantimeWarning', 'MEANTIME_NO_NATIVE', `${shown(reason)}. Shared memory goes by copies instead`));
  return { native: undefined, reason };
}
