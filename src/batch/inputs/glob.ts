import { basename, dirname, resolve } from 'node:path';
import { bare, InputError, list as listCheck, OptionError, readOptions } from '../../core/index.js';
import { fileId } from '../file-id.js';
import { type Item, Malformed } from '../item.js';
import { isTemporary, realPath } from '../outputs/names.js';
import { Source } from '../source.js';
import { expandBraces } from './globbing/braces.js';
import { type Found, named, walk } from './globbing/walk.js';
import { reasonOf } from './input-file.js';

/** What a pattern's files are without. */
export interface GlobOptions {
  /**
   * Files that are left out, whatever the patterns say, under all their names. A job leaves out its
   * own outputs by itself.
   */
  except?: readonly string[];
}

/**
 * The files that match patterns, sorted, each once, also if several names or links lead to it.
 * Patterns are a shell's: `*`, `?`, `[a-z]`, `[!a]`, `{a,b}`, `{1..3}`, `**` for directories at any
 * depth, and a backslash before what means itself; everything else does, parentheses too. A file
 * whose name starts with a dot matches only a pattern that says so, and `**` goes into no link. A
 * pattern that is the name of a file is that file. Names are relative if their pattern is: to the
 * working directory of the moment of the call.
 *
 * A name that is not UTF-8, or a directory that may not be read, is malformed: a job records it as
 * a failure and goes on.
 *
 * Cancelling: as any source.
 *
 * @throws {InputError} code `MEANTIME_INPUT`, when it is read and one of the patterns matches
 * nothing: that is far more often a typo than meant.
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
  if (!Array.isArray(all) || all.length === 0 || !all.every((pattern) => typeof pattern === 'string')) {
    throw new OptionError(`glob expects a pattern or an array of them, got ${String(patterns) || 'none'}`);
  }
  const home = process.cwd();
  return filesOf(
    all,
    home,
    except.map((file) => resolve(home, file)),
  );
}

function filesOf(all: readonly string[], home: string, except: readonly (string | number)[]): Source<string> {
  let found: Promise<Item<string>[]> | undefined;
  const find = () => {
    found ??= expand(all, home, except);
    return found;
  };
  return new Source<string>(
    bare({
      kind: 'glob',
      label: all.join(' '),
      without: (files) => filesOf(all, home, [...except, ...files]),
      check: async () => void (await find()),
      total: async () => (await find()).length,
      open() {
        let files: readonly Item<string>[] | undefined;
        return bare({
          async read() {
            const batch = files ?? (await find());
            files = [];
            return batch;
          },
          close() {
            files = [];
          },
        });
      },
    }),
  );
}

/** The files of some patterns, sorted: the same files then have the same indices when a run is resumed. */
async function expand(patterns: readonly string[], home: string, except: readonly (string | number)[]): Promise<Item<string>[]> {
  const isOut = exception(except);
  const files = new Map<string, Found>();
  for (const pattern of patterns) {
    const found = (await matches(pattern, home)).filter(({ name }) => !isOut(resolve(home, name)));
    if (!found.some(({ error }) => error === undefined)) throw nothing(pattern, home, found[0]);
    for (const file of found) if (isBetter(file, files.get(file.real))) files.set(file.real, file);
  }
  return [...files.values()].sort(byName).map(itemOf);
}

async function matches(pattern: string, home: string): Promise<Found[]> {
  const file = await named(pattern, home);
  if (file !== undefined) return [file];
  const found: Found[] = [];
  for (const word of expandBraces(pattern)) for (const file of await walk(word, home)) found.push(file);
  return found.sort(byName);
}

const byName = (a: Found, b: Found): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** Of two names of one file the first one stays, or the one that needs no link. */
const isBetter = (file: Found, former: Found | undefined): boolean => former === undefined || (former.throughLink && !file.throughLink);

function itemOf({ name, isText, error }: Found): Item<string> {
  if (error !== undefined) return new Malformed(new InputError(`Cannot look into ${name}: ${reasonOf(error)}`, { cause: error }), name);
  if (isText) return name;
  return new Malformed(new InputError(`The name of a file is not UTF-8, and an input is text: ${name}`), name);
}

function nothing(pattern: string, home: string, trouble: Found | undefined): InputError {
  if (trouble?.error !== undefined) return (itemOf(trouble) as Malformed).error;
  return new InputError(`No file matches "${pattern}" in ${home}`);
}

/**
 * Whether a file, given by its absolute path, is one of these, by whatever name, or a temporary
 * file that a killed run left of one.
 */
function exception(except: readonly (string | number)[]): (file: string) => boolean {
  const ids = new Set(except.map(fileId));
  const paths = except.filter((file) => typeof file === 'string').map((file) => realPath(file));
  const isLeft = (file: string) => paths.some((path) => isTemporary(basename(file), path) && realPath(dirname(file)) === dirname(path));
  return (file) => {
    const id = fileId(file);
    // A link may lead to an output that is still to be made.
    return id === undefined ? paths.includes(realPath(file)) : ids.has(id) || isLeft(file);
  };
}
