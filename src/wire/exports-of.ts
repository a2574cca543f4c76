import type { AnyFunction } from './function-ref.js';

/** Where a function is among the exports of a module, found by identity. */
export type ExportPath = readonly string[];

type Pairs = Iterable<readonly [name: string, value: unknown]>;

/**
 * Finds `fn` among the exports of an ES module: an export, a static method of an exported class (its own first, then
 * inherited ones), a member of an exported plain object.
 */
export function pathInNamespace(fn: AnyFunction, namespace: object): ExportPath | undefined {
  const pairs: [string, unknown][] = [];
  for (const name of Object.keys(namespace)) {
    try {
      pairs.push([name, (namespace as Record<string, unknown>)[name]]);
    } catch {
      // In its temporal dead zone: the module is still being evaluated, and so `fn` is not this export yet.
    }
  }
  // A name says more in messages and stacks than `default` does.
  pairs.sort(([a], [b]) => Number(a === 'default') - Number(b === 'default'));
  return search(fn, pairs);
}

/** The same for the exports of a CommonJS module. */
export function pathInExports(fn: AnyFunction, exports: unknown): ExportPath | undefined {
  if (exports === fn) return ['default'];
  if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) return undefined;
  // A compiled ES module has its exports behind getters that only read a variable. Anybody else's getter may do anything.
  const compiled = Object.getOwnPropertyDescriptor(exports, '__esModule')?.value === true;
  const path = search(fn, compiled ? readable(exports) : data(exports));
  // Seen from an ES module, `default` is all of `module.exports`; a property of that name is one step further.
  return path?.[0] === 'default' ? ['default', ...path] : path;
}

function search(fn: AnyFunction, pairs: Pairs): ExportPath | undefined {
  const all = [...pairs];
  for (const [name, value] of all) if (value === fn) return [name];
  for (const [name, value] of all) {
    if (!isClass(value) && !isPlain(value)) continue;
    for (const [inner, member] of data(value)) if (member === fn) return [name, inner];
  }
  for (const [name, value] of all) {
    if (!isClass(value)) continue;
    for (let parent = Object.getPrototypeOf(value); isClass(parent); parent = Object.getPrototypeOf(parent)) {
      for (const [inner, member] of data(parent)) if (member === fn) return [name, inner];
    }
  }
  return undefined;
}

/** What can be read without running anybody's code. */
function* data(of: object): Generator<[string, unknown]> {
  for (const name of Object.getOwnPropertyNames(of)) {
    const property = Object.getOwnPropertyDescriptor(of, name);
    if (property !== undefined && Object.hasOwn(property, 'value')) yield [name, property.value];
  }
}

function* readable(of: object): Generator<[string, unknown]> {
  for (const name of Object.keys(of)) {
    try {
      yield [name, (of as Record<string, unknown>)[name]];
    } catch {
      // A cycle of modules: this export has no value yet, and so it is not `fn`.
    }
  }
}

const isClass = (value: unknown): value is AnyFunction => typeof value === 'function' && value !== Function.prototype;

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
