import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import { transformSync } from 'esbuild';
import { hashOf, Memory } from './memory.js';

type Factory = (require: (name: string) => unknown, module: { exports: object }, exports: object, url: string) => void;
/** The text of a compiled module is read from here instead of from its file. */
export type Changed = { path: string; text: string } | undefined;

const real = createRequire(import.meta.url);
const doors: Record<string, string> = Object.fromEntries(
  Object.entries(JSON.parse(readFileSync('package.json', 'utf8')).exports as Record<string, { default?: string }>)
    .filter(([, door]) => door.default !== undefined)
    .map(([name, door]) => [name.replace(/^\./, 'meantime'), resolve(String(door.default).replace('./dist/', './build/src/'))]),
);

const compiled = (path: string, text: string): string =>
  transformSync(text, {
    format: 'cjs',
    target: 'es2022',
    keepNames: true,
    define: { 'import.meta.url': '__url' },
    supported: { 'dynamic-import': false },
    sourcefile: path,
  }).code;

const factory = (path: string, code: string): Factory =>
  compileFunction(code, ['require', 'module', 'exports', '__url'], { filename: path }) as Factory;

/** Kept in a file: a process that is ended because a mutant loops must not cost its successor seconds. */
const texts = new Memory<string>('build/mutation/compiled.json');

const factories = new Map<string, Factory>();
function factoryOf(path: string): Factory {
  let made = factories.get(path);
  if (made === undefined) {
    const of = hashOf(path);
    let text = texts.get(path, of);
    if (text === undefined) {
      text = compiled(path, readFileSync(path, 'utf8'));
      texts.set(path, of, text);
    }
    made = factory(path, text);
    factories.set(path, made);
  }
  return made;
}

/** For the processes to come. */
export const keepTexts = (): void => texts.save();

/**
 * What is built, loaded into this process once more: all modules are new, and one of them is changed. They are compiled once, so this costs some milliseconds; a process
 * for each would cost hundreds.
 */
export class Modules {
  readonly #loaded = new Map<string, { exports: object }>();
  readonly #given: Record<string, unknown>;
  readonly #changed: { path: string; factory: Factory } | undefined;
  readonly #storages: AsyncLocalStorage<unknown>[] = [];

  /** @param given Modules that are taken as they are, by name. */
  constructor(given: Record<string, unknown>, changed: { path: string; factory: Factory } | undefined) {
    const storages = this.#storages;
    class Storage<T> extends AsyncLocalStorage<T> {
      constructor() {
        super();
        storages.push(this as AsyncLocalStorage<unknown>);
      }
    }
    this.#given = { ...given, 'node:async_hooks': { ...real('node:async_hooks'), AsyncLocalStorage: Storage } };
    this.#changed = changed;
  }

  load(path: string): unknown {
    const known = this.#loaded.get(path);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    this.#loaded.set(path, module);
    const factory = this.#changed?.path === path ? this.#changed.factory : factoryOf(path);
    const url = pathToFileURL(path).href;
    factory((name) => this.#require(name, url), module, module.exports, url);
    return module.exports;
  }

  /** What is left of it must not make every promise of those to come dearer. */
  drop(): void {
    for (const storage of this.#storages) storage.disable();
  }

  #require(name: string, from: string): unknown {
    if (Object.hasOwn(this.#given, name)) return this.#given[name];
    if (Object.hasOwn(doors, name)) return this.load(doors[name]);
    if (/^\.|^file:/.test(String(name))) return this.load(fileURLToPath(new URL(name, from)));
    return real(name);
  }
}

export const changedModule = (changed: Changed) =>
  changed && { path: resolve(changed.path), factory: factory(resolve(changed.path), compiled(changed.path, changed.text)) };
