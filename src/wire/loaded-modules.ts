import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { clock, type Timer, UTF8 } from '../core/index.js';
import { type ExportPath, pathInExports } from './exports-of.js';
import { type AnyFunction, nameOf } from './function-ref.js';

/** What Node keeps of a CommonJS module. */
interface CommonModule {
  readonly filename?: string | null;
  readonly exports: unknown;
  readonly children?: readonly CommonModule[];
}

/** All CommonJS modules that are loaded; one object for the whole thread, whoever asks. */
let cache: Readonly<Record<string, CommonModule | undefined>> | undefined;

function commonModules(): Readonly<Record<string, CommonModule | undefined>> {
  cache ??= createRequire(import.meta.url).cache as Readonly<Record<string, CommonModule | undefined>>;
  return cache;
}

/** The loaded CommonJS module of a file, if there is one. */
export const commonModule = (file: string): CommonModule | undefined => commonModules()[file];

export interface FoundExport {
  readonly url: string;
  readonly path: ExportPath;
}

/** Searches one CommonJS module, by identity. */
export function inCommonModule(fn: AnyFunction, module: CommonModule | undefined): FoundExport | undefined {
  if (typeof module?.filename !== 'string') return undefined;
  const path = pathInExports(fn, module.exports);
  return path && { url: pathToFileURL(module.filename).href, path };
}

/** Searches the CommonJS modules among these files and what they required; then every one, under the function's name. */
export function inCommonModules(fn: AnyFunction, files: readonly string[]): FoundExport | undefined {
  for (const file of files) {
    const module = file.startsWith('file:') ? undefined : commonModule(file);
    if (module === undefined) continue;
    for (const candidate of [module, ...(module.children ?? [])]) {
      const found = inCommonModule(fn, candidate);
      if (found !== undefined) return found;
    }
  }
  const name = nameOf(fn);
  let last: CommonModule | undefined;
  for (const module of Object.values(commonModules())) {
    const exports = module?.exports;
    if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) continue;
    // What required comes before what was required: the last hit is the module itself, not one that hands it on.
    if (exports === fn || Object.getOwnPropertyDescriptor(exports, name)?.value === fn) last = module;
  }
  return inCommonModule(fn, last);
}

/** A namespace; `pending` if the module is still being evaluated; `undefined` if it cannot be imported. */
export type Imported = object | 'pending' | undefined;

/**
 * The namespace of a module that is loaded already, as a few turns of the loop tell. A module that is being evaluated
 * settles only when it is done, and it may be waiting for the very call that asks: so this never waits for it.
 *
 * @param patience How long to go on looking after those turns, in ms: a loader in a thread of its own answers when that thread has had a processor.
 */
export async function loadedNamespace(url: string, turns: number, patience = 0): Promise<Imported> {
  let state: Imported = 'pending';
  const settled = import(url).then(
    (namespace: object) => {
      state = namespace;
    },
    () => {
      state = undefined; // whoever imports it for its own sake gets this error; here it only was a candidate
    },
  );
  for (let i = 0; i < turns && state === 'pending'; i++) {
    await Promise.race([settled, new Promise<void>((resolve) => clock.soon(resolve))]);
  }
  if (state === 'pending' && patience > 0) {
    let timer: Timer | undefined;
    const late = new Promise<void>((resolve) => {
      timer = clock.after(patience, resolve);
    });
    await Promise.race([settled, late]);
    timer?.cancel();
  }
  return state;
}

/** The text of a file, or nothing if it has none: what is asked here is only ever a shortcut. */
export function textOf(url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined;
  try {
    return readFileSync(fileURLToPath(url), UTF8);
  } catch {
    return undefined; // a loader made it up, or it is gone: there are other ways to the function
  }
}
