import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bare, has, NotPortableError } from '../core/index.js';
import { type AnyFunction, nameOf } from './function-ref.js';

/** Where a function stands, for people: lines and columns count from 1. */
export interface SourcePlace {
  /** As V8 knows the script; after a source map, the file that it names. */
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Maps a place in a compiled script to the user's file, where Node knows a source map (`--enable-source-maps`, `tsx`).
 *
 * @param line From 0.
 * @param column From 0.
 */
export function sourcePlace(url: string, line: number, column: number): SourcePlace {
  const file = url.startsWith('file:') ? fileURLToPath(url) : url;
  const entry = (findSourceMap(file) ?? findSourceMap(url))?.findEntry(line, column);
  if (entry === undefined || !has(entry, 'originalSource')) return { url, line: line + 1, column: column + 1 };
  return { url: entry.originalSource, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}

const pathOf = (url: string): string => (url.startsWith('file:') ? fileURLToPath(url) : url || 'evaluated text');

/** What the search for an export came to. */
type Search = 'done' | 'pending' | 'evaluated' | 'blind';

export interface Found {
  readonly fn: AnyFunction;
  readonly place: SourcePlace | undefined;
  readonly search: Search;
  /** What its text uses from around itself, with the lines of the file. */
  readonly uses: readonly { readonly name: string; readonly line: number | undefined }[];
  /** Why else its text would not do; a clause. */
  readonly because?: string;
}

const searched: Record<Search, string> = {
  done: 'no export of its module is this function',
  pending:
    'none of the exports that can be seen so far is this function (its module is still being evaluated: it waits at a top-level await)',
  blind: 'no module on the stack exports it (and nothing here tells which module it comes from)',
  evaluated: 'it was made by evaluating text, so it has no module',
};

const exporting: Record<Search, string> = {
  done: 'Export it from its module',
  pending: 'Write "export" before it in its module, hand it over when its module is done',
  blind: 'Export it from the module that hands it over, or from one that this module imports',
  evaluated: 'Define it in a module and export it there',
};

const word = /^[\w$]+$/;

/** The error for a function that cannot travel: what it is, where it is, what holds it back and what to do. */
export function notPortable({ fn, place, search, uses, because }: Found): NotPortableError {
  const name = nameOf(fn);
  const where = place === undefined ? '' : ` (${pathOf(place.url)}:${place.line}:${place.column})`;
  const lines = new Map<string, Set<number>>();
  for (const use of uses) {
    const at = lines.get(use.name) ?? new Set();
    if (use.line !== undefined) at.add(use.line);
    lines.set(use.name, at);
  }
  const listed = [...lines].map(([used, at]) => {
    if (at.size === 0) return used;
    return `${used} (line${at.size === 1 ? '' : 's'} ${[...at].slice(0, 5).join(', ')})`;
  });
  const text = because ?? `its text uses ${listed.join(', ')} from around it`;
  const relative = [...lines.keys()].some((used) => used.startsWith('import('));
  const given = [...lines.keys()].filter((used) => word.test(used) && used !== 'this' && used !== 'super');
  const handle = word.test(name) && name !== 'anonymous' ? name : 'work';
  const advice = [exporting[search]];
  if (given.length > 0) advice.push(`pass ${given.slice(0, 3).join(', ')} as ${given.length === 1 ? 'an argument' : 'arguments'}`);
  if (relative) advice.push('import by an absolute URL');
  if (search !== 'evaluated') advice.push(`name it there with portable(import.meta.url, '${handle}', ${handle})`);
  return new NotPortableError(
    `${name}${where} cannot travel to a worker: ${searched[search]}, and ${text}. ${orList(advice)}.`,
    bare({
      functionName: name,
      location: place,
      freeVariables: [...lines.keys()],
    }),
  );
}

const orList = (items: readonly string[]): string =>
  items.length === 1 ? items[0] : `${items.slice(0, -1).join(', ')} or ${items[items.length - 1]}`;
