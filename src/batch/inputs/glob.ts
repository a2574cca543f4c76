import { resolve } from 'node:path';
import { InputError, list as listCheck, readOptions } from '../../core/index.js';
import type { Item } from '../item.js';
import { Source } from '../source.js';

/** What a pattern's files are without. */
export interface GlobOptions {
  /** Files that are left out, whatever the patterns say: the outputs of the same run, for instance. */
  except?: readonly string[];
}

/**
 * The files that match patterns, relative to the working directory, sorted, each once. `*`, `**`, `?`, `[abc]` and `{a,b}`
 * mean what they mean in a shell; a file whose name starts with a dot matches only a pattern that says so.
 *
 * Cancelling: as any source.
 *
 * @throws {InputError} code `MEANTIME_INPUT`, when it is read and nothing matches: a batch over nothing is far more often a typo than meant.
 *
 * @example
 * ```ts run
 * import { glob } from 'meantime/batch';
 *
 * const found: string[] = [];
 * for await (const file of glob('package.jso?')) found.push(file);
 * found; // => ['package.json']
 * ```
 */
export function glob(patterns: string | readonly string[], options?: GlobOptions): Source<string> {
  const { except = [] } = readOptions('glob', options, { except: listCheck });
  const all = typeof patterns === 'string' ? [patterns] : patterns;
  let found: Promise<string[]> | undefined;
  const find = () => {
    found ??= expand(all, except);
    return found;
  };
  return new Source<string>({
    kind: 'glob',
    label: all.join(' '),
    check: async () => void (await find()),
    total: async () => (await find()).length,
    open() {
      let files: readonly Item<string>[] | undefined;
      return {
        async read() {
          const batch = files ?? (await find());
          files = [];
          return batch;
        },
        close() {
          files = [];
        },
      };
    },
  });
}

/** The files of some patterns, sorted: the same files then have the same indices when a run is resumed. */
async function expand(patterns: readonly string[], except: readonly string[]): Promise<string[]> {
  const { glob: search } = await import('tinyglobby');
  const out = new Set(except.map((file) => resolve(file)));
  const files = (await search(patterns, { expandDirectories: false })).filter((file) => !out.has(resolve(file)));
  if (files.length === 0) throw new InputError(`No file matches ${patterns.map((p) => `"${p}"`).join(' or ')} in ${process.cwd()}`);
  return files.sort();
}
