import { codeOf } from './code-of.js';
import type { Koffi } from './native.js';

/**
 * The versions of koffi that package.json declares: from the first on, and none with another first
 * number.
 */
export const RANGE = [3, 3, 4] as const;

/** The result of the search for koffi. */
export type FoundKoffi = { readonly koffi: Koffi } | { readonly koffi: undefined; readonly reason: string; readonly isMissing: boolean };

/**
 * Loads koffi from where an installer puts what this package declares, and from nowhere else: Node
 * would look in every folder above, then in NODE_PATH and the home folder, and koffi is not always
 * installed, so that anybody who may write to one of them could have code of theirs run here.
 *
 * @param module The path of a module of this package.
 */
export function ownKoffi(module: string): FoundKoffi {
  const { createRequire } = process.getBuiltinModule('node:module');
  const require = createRequire(module);
  try {
    // Yarn's Plug'n'Play has no such folders: it gives a package what that declares, and no more.
    const home = process.versions.pnp === undefined ? places(module).find(hasKoffi) : undefined;
    if (home === undefined && process.versions.pnp === undefined) return missing('koffi is not installed with this package');
    const { name, version } = require(home === undefined ? 'koffi/package.json' : `${home}/package.json`);
    if (name !== 'koffi' || !isInRange(version)) {
      const is = [name, version].map((text) => (typeof text === 'string' ? text : `a ${typeof text}`)).join(' ');
      return {
        koffi: undefined,
        reason: `koffi ${RANGE.join('.')} or later is needed, below ${RANGE[0] + 1}, and ${is} is installed`,
        isMissing: false,
      };
    }
    return { koffi: checkKoffi(require(home ?? 'koffi')) };
  } catch (error) {
    if (codeOf(error) === 'MODULE_NOT_FOUND' && process.versions.pnp !== undefined) return missing('koffi is not installed');
    return { koffi: undefined, reason: `koffi cannot be loaded: ${said(error)}`, isMissing: false };
  }
}

const missing = (reason: string): FoundKoffi => ({ koffi: undefined, reason, isMissing: true });

/** Where koffi may be: below this package, and in each `node_modules` that this package lies in. */
export function places(module: string): string[] {
  const { dirname, basename, join } = process.getBuiltinModule('node:path');
  let root = dirname(module);
  while (!isThere(join(root, 'package.json')) && root !== dirname(root)) root = dirname(root);
  const found = [join(root, 'node_modules/koffi')];
  for (let folder = root; folder !== dirname(folder); folder = dirname(folder)) {
    if (basename(folder) === 'node_modules') found.push(join(folder, 'koffi'));
  }
  return found;
}

const isThere = (path: string): boolean => process.getBuiltinModule('node:fs').existsSync(path);
const hasKoffi = (home: string): boolean => isThere(`${home}/package.json`);

function isInRange(version: unknown): boolean {
  const numbers = /^(\d+)\.(\d+)\.(\d+)(?:\+|$)/.exec(typeof version === 'string' ? version : '');
  if (numbers === null) return false; // a version before another one may lack what that has
  const [major, minor, patch] = numbers.slice(1).map(Number);
  return major === RANGE[0] && (minor > RANGE[1] || (minor === RANGE[1] && patch >= RANGE[2]));
}

/**
 * Takes what is used out of koffi, once, so that it is the same whenever it is called.
 *
 * @throws {Error} if a part is not there, or is something else.
 */
function checkKoffi(found: unknown): Koffi {
  const part = (of: unknown, name: string, what: string) => {
    const value = (of as Record<string, unknown> | null | undefined)?.[name];
    if (typeof value !== 'function') throw new Error(`${what} has no function "${name}"`);
    return value.bind(of) as (...args: unknown[]) => unknown;
  };
  const [load, address, view, errno] = ['load', 'address', 'view', 'errno'].map((name) => part(found, name, 'it'));
  const checked: Koffi = {
    load(path) {
      const library = load(path);
      const func = part(library, 'func', 'what its "load" gives');
      return {
        func(prototype) {
          const call = func(prototype);
          if (typeof call !== 'function') throw new Error(`it gives no function for "${prototype}"`);
          const type = prototype.startsWith('void *') ? 'bigint' : 'number';
          return (...args: unknown[]) => typed(prototype, type, call(...args));
        },
      };
    },
    address: (buffer) => typed('address', 'bigint', address(buffer)) as bigint,
    view(at, length) {
      const buffer = view(at, length);
      // Pages are put in the place of what it gives, once that has been collected: it must not be
      // memory of somebody else.
      if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== length || checked.address(buffer) !== at) {
        throw new Error('its "view" does not give the memory that it was asked for');
      }
      return buffer;
    },
    errno: () => typed('errno', 'number', errno()) as number,
  };
  return checked;
}

function typed(name: string, type: 'bigint' | 'number', value: unknown): unknown {
  if (typeof value !== type) throw new Error(`its "${name}" gives no ${type}`);
  return value;
}

/** The text of whatever was thrown. */
export function said(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message).split('\n')[0] : String(thrown);
  } catch {
    return 'something that cannot be shown'; // its message throws, too
  }
}
