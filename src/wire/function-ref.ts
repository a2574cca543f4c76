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
