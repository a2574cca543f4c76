import { builtinModules } from 'node:module';
import { type AnyFunction, type FunctionRef, nameOf } from './function-ref.js';
import { isKnownGlobal } from './known-globals.js';

/**
 * Finds a function of the runtime itself: `Math.max`, `parseInt`, `zlib.gzipSync`. Only modules that are loaded already
 * are searched, since loading another could not bring a function that the caller holds.
 */
export function builtInRef(fn: AnyFunction): FunctionRef | undefined {
  const name = nameOf(fn);
  const globals = [...data(globalThis)].filter(([key]) => isKnownGlobal(key));
  for (const [key, value] of globals) if (value === fn) return { kind: 'source', source: `(${key})`, name };
  for (const [key, value] of globals) {
    if ((typeof value !== 'function' && typeof value !== 'object') || value === null || !/^[A-Z]/.test(key)) continue;
    for (const [inner, member] of data(value)) {
      // `Promise.resolve` and `Array.from` need their class as `this`.
      if (member === fn) return { kind: 'source', source: `((...args) => ${key}.${inner}(...args))`, name };
    }
  }
  const loaded = new Set((process as { moduleLoadList?: string[] }).moduleLoadList);
  for (const id of builtinModules) {
    if (!loaded.has(`NativeModule ${id}`) || id.startsWith('_')) continue;
    const exports: unknown = process.getBuiltinModule(id);
    if (exports === fn) return { kind: 'export', url: `node:${id}`, path: ['default'], name };
    if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) continue;
    for (const [key, value] of data(exports)) {
      if (value === fn) return { kind: 'export', url: `node:${id}`, path: [key], name };
    }
  }
  return undefined;
}

/** Without running getters: some globals load a subsystem, some warn. */
function* data(of: object): Generator<[string, unknown]> {
  for (const name of Object.getOwnPropertyNames(of)) {
    const property = Object.getOwnPropertyDescriptor(of, name);
    if (property !== undefined && Object.hasOwn(property, 'value')) yield [name, property.value];
  }
}
