import { bare, mustBeFunction, OptionError } from '../core/index.js';
import type { AnyFunction, FunctionRef } from './function-ref.js';

interface Registry {
  /** Near side: what a function was named. */
  readonly refs: WeakMap<AnyFunction, FunctionRef>;
  /** Far side: what a module that was imported here has named. */
  readonly functions: Map<string, AnyFunction>;
}

/**
 * On the global object, because two copies of this package meet when a program is bundled: the bundle's copy names the
 * function, the worker's copy looks for it.
 */
const key: unique symbol = Symbol.for('meantime.portable') as never;

function registry(): Registry {
  const realm = globalThis as { [key]?: Registry };
  if (realm[key] === undefined) {
    Object.defineProperty(realm, key, bare({ value: { refs: new WeakMap(), functions: new Map() } }));
  }
  return realm[key] as Registry;
}

/**
 * Names a function by hand, so that it can travel to workers: for a function that its module does not export (one that
 * another function made, for instance), for bundled programs, and for runtimes in which Meantime cannot find out by
 * itself where a function comes from.
 *
 * A worker imports the module at `url`; this same line then runs there and says which function is meant. So it must stand
 * where every import of the module reaches it.
 *
 * @param url The module in which this line stands: `import.meta.url`.
 * @param name A name that is unique in the module; or the name of the export, `Klass.method` for a static method.
 * @param fn The function.
 * @returns `fn` itself.
 * @throws {NotCallableError} if `fn` is not a function; {OptionError} if `url` is not an absolute
 * URL or `name` is empty.
 *
 * @example A function that another function makes
 * ```ts run
 * import { portable } from 'meantime';
 *
 * const scaleBy = (factor: number) => (x: number) => x * factor;
 * const double = portable(import.meta.url, 'double', scaleBy(2));
 * double(21); // => 42
 * ```
 */
export function portable<F>(url: string, name: string, fn: F): F {
  mustBeFunction('portable', fn);
  if (typeof url !== 'string' || !URL.canParse(url)) {
    throw new OptionError(`portable() expects its module's URL first, such as import.meta.url, got ${JSON.stringify(url)}`);
  }
  if (typeof name !== 'string' || name === '') {
    throw new OptionError(`portable() expects a name as its second argument, got ${JSON.stringify(name)}`);
  }
  const { refs, functions } = registry();
  refs.set(fn, { kind: 'export', url, path: name.split('.'), name });
  functions.set(`${url}#${name}`, fn);
  return fn;
}

/** The reference that `portable` made for a function. */
export const portableRef = (fn: AnyFunction): FunctionRef | undefined => registry().refs.get(fn);

/** The function that a module, imported by now, has named so. */
export const portableFunction = (url: string, path: readonly string[]): AnyFunction | undefined =>
  registry().functions.get(`${url}#${path.join('.')}`);
