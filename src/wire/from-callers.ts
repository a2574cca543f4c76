import { exportedAt } from './exported-at.js';
import { pathInNamespace } from './exports-of.js';
import { type AnyFunction, nameOf } from './function-ref.js';
import { type FoundExport, loadedNamespace, textOf } from './loaded-modules.js';
import { factsOf } from './locate.js';
import { type TopImport, topImports } from './top-imports.js';

/** A module that is done settles within two; more only matter where the loader lives in a thread of its own. */
const turns = 4;
/** What a module imports was evaluated before it, unless they import each other: so it is worth waiting for a loader that is slow, in ms. */
const PATIENCE = 500;

/**
 * Looks for a function in the ES modules on the stack and in what they import from files beside them. It needs no
 * inspector, and what it finds is compared by identity; a function that comes from elsewhere is simply not found.
 */
export async function fromCallers(fn: AnyFunction, files: readonly string[]): Promise<FoundExport | undefined> {
  const urls = files.filter((file) => file.startsWith('file:'));
  const texts = urls.map((url) => textOf(url) ?? '');
  for (const [i, url] of urls.entries()) {
    for (const candidate of importsOf(url, texts[i], nameOf(fn))) {
      const found = await search(fn, candidate, PATIENCE);
      if (typeof found === 'object') return found;
    }
  }
  const pending: number[] = [];
  for (const [i, url] of urls.entries()) {
    const found = await search(fn, url);
    if (typeof found === 'object') return found;
    if (found === 'pending') pending.push(i);
  }
  if (pending.length === 0) return undefined;
  const { place } = factsOf(fn);
  for (const i of place === undefined ? [] : pending) {
    const name = place && exportedAt(texts[i], place, nameOf(fn));
    if (name !== undefined) return { url: urls[i], path: [name] };
  }
  return undefined;
}

async function search(fn: AnyFunction, url: string, patience?: number): Promise<FoundExport | 'pending' | undefined> {
  const namespace = await loadedNamespace(url, turns, patience);
  if (typeof namespace !== 'object') return namespace;
  const path = pathInNamespace(fn, namespace);
  return path && { url, path };
}

/** The modules that the function most likely comes from: imported under its name first, then those imported whole. */
function importsOf(url: string, text: string, name: string): string[] {
  // A loader that tells copies of a module apart by a query would make another copy of what it imports.
  if (/[?#]/.test(url)) return [];
  const near = topImports(text).filter(({ specifier }) => /^(\.{0,2}\/|file:)/.test(specifier));
  const named = (i: TopImport) => i.names.includes(name);
  return [...near.filter(named), ...near.filter((i) => i.whole && !named(i))].map((i) => new URL(i.specifier, url).href);
}
