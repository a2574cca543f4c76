import { basename, dirname, resolve } from 'node:path';
import { InputError, list as listCheck, readOptions } from '../../core/index.js';
import { fileId } from '../file-id.js';
import type { Item } from '../item.js';
import { isTemporary, realPath } from '../outputs/names.js';
import { Source } from '../source.js';

/** What a pattern's files are without. */
export interface GlobOptions {
  /** Files that are left out, whatever the patterns say, under all their names. A job leaves out its own outputs by itself. */
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
  return filesOf(typeof patterns === 'string' ? [patterns] : patterns, except);
}

function filesOf(all: readonly string[], except: readonly (string | number)[]): Source<string> {
  let found: Promise<string[]> | undefined;
  const find = () => {
    found ??= expand(all, except);
    return found;
  };
  return new Source<string>({
    kind: 'glob',
    label: all.join(' '),
    without: (files) => filesOf(all, [...except, ...files]),
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
async function expand(patterns: readonly string[], except: readonly (string | number)[]): Promise<string[]> {
  const { glob: search } = await import('tinyglobby');
  const isOut = exception(except);
  const files = (await search(patterns, { expandDirectories: false })).filter((file) => !isOut(file));
  if (files.length === 0) throw new InputError(`No file matches ${patterns.map((p) => `"${p}"`).join(' or ')} in ${process.cwd()}`);
  return files.sort();
}

/** Whether a file is one of these, by whatever name, or a temporary file that a killed run left of one. */
function exception(except: readonly (string | number)[]): (file: string) => boolean {
  const ids = new Set(except.map(fileId).filter((id) => id !== undefined));
  const paths = except.filter((file) => typeof file === 'string').map(realPath);
  return (file) =>
    paths.some((path) => resolve(file) === path || (isTemporary(basename(file), path) && realPath(dirname(file)) === dirname(path))) ||
    (ids.size > 0 && ids.has(fileId(file) as string));
}
