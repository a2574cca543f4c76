import { inShort, isText, mustBeSaid, WireError } from '../core/index.js';

/** What crosses instead of a function: where to import it from, or its text. */
export type FunctionRef =
  | {
      readonly kind: 'export';
      /** The module, as an absolute URL (`file:`, `data:`, `node:`). */
      readonly url: string;
      /** From the module's exports down: `['resize']`, `['default']`, `['Klass', 'method']`. */
      readonly path: readonly string[];
      /** For messages and stacks. */
      readonly name: string;
    }
  | {
      readonly kind: 'source';
      /** A script whose completion value is the function. It uses nothing from around it. */
      readonly source: string;
      readonly name: string;
    };

/** The reference that a text holds. @throws {WireError} unless it is one. */
export function refIn(text: string): FunctionRef {
  let ref: Partial<Record<'kind' | 'url' | 'source' | 'name' | 'path', unknown>> | null;
  try {
    ref = JSON.parse(text);
  } catch (cause) {
    throw new WireError(`A reference of a function was expected, and ${inShort(text)} came`, { cause });
  }
  const isRight =
    typeof ref === 'object' &&
    ref !== null &&
    isText(ref.name) &&
    (ref.kind === 'source' ? isText(ref.source) : ref.kind === 'export' && isText(ref.url) && isNames(ref.path));
  mustBeSaid(isRight, 'Who names a function', 'where to import it from, or its text', ref);
  return ref as FunctionRef;
}

const isNames = (path: unknown): boolean => Array.isArray(path) && path.length > 0 && path.every(isText);

/** What a function is called in messages. */
export const nameOf = (fn: AnyFunction): string => {
  // A class may have a static `name` of any type.
  const own = Object.getOwnPropertyDescriptor(fn, 'name')?.value;
  return typeof own === 'string' && own !== '' ? own : 'anonymous';
};

/** Any function at all, a class too. */
// biome-ignore lint/complexity/noBannedTypes: nothing here calls it, and a narrower type would refuse some
export type AnyFunction = Function;

export const exportRef = (fn: AnyFunction, { url, path }: { url: string; path: readonly string[] }): FunctionRef => ({
  kind: 'export',
  url,
  path,
  name: nameOf(fn),
});

/** Whether a function's text shows nothing: a built-in of the engine, a bound function, a proxy. */
export const isNative = (text: string): boolean => /\{\s*\[native code\]\s*\}\s*$/.test(text);
