import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OptionError } from './errors.js';
import { show } from './options.js';

/**
 * Whether a module is the one the program was started with, and not one that a worker imports to find a function in it. What makes a pool
 * at the top level of a module belongs behind it. (Node 24 has `import.meta.main`.)
 *
 * @param module `import.meta`, or `import.meta.url`
 * @throws {OptionError} for anything else.
 *
 * @example
 * ```ts run
 * import { isMain } from 'meantime';
 *
 * isMain('file:///some/other/module.js'); // => false
 * ```
 */
export function isMain(module: string | { readonly url: string }): boolean {
  const url = typeof module === 'string' ? module : (module as { url?: unknown } | undefined | null)?.url;
  if (typeof url !== 'string') throw new OptionError(`isMain expects import.meta, or import.meta.url, got ${show(module)}`);
  const [, script] = process.argv;
  const { isMainThread } = process.getBuiltinModule('node:worker_threads');
  if (!isMainThread || script === undefined || !url.startsWith('file:')) return false;
  const path = fileURLToPath(url);
  try {
    const started = realpathSync(script);
    return started === path || started === realpathSync(path);
  } catch {
    return script === path; // one of the two is no file, such as an argument of `node -e`
  }
}
