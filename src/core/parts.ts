import type { OptionCheck } from './options.js';

/*
 * The forms that the parts of a handle can have. Parts come from another thread or process, which
 * may be hostile, so a maker is given only what has passed such a check: own properties, each of
 * its form. Like the checks of options, each says what was expected, or `undefined`; what came is
 * not told, since it may be a secret.
 */

/** The check of the parts of a handle, before one is made of them. */
export type PartsCheck = OptionCheck;

/** An object with properties of its own, at least these. */
export const fields =
  (table: Readonly<Record<string, PartsCheck>>): PartsCheck =>
  (v) => {
    if (typeof v !== 'object' || v === null || Array.isArray(v)) return `an object of ${Object.keys(table).join(', ')}`;
    return firstWrong(v, Object.entries(table));
  };

/** An array of exactly these. */
export const sequence =
  (...checks: readonly PartsCheck[]): PartsCheck =>
  (v) => {
    if (!Array.isArray(v) || v.length !== checks.length) return `an array of ${checks.length}`;
    return firstWrong(v, Object.entries(checks));
  };

/** An array of at most so many, all of one form. */
export const listOf =
  (check: PartsCheck, most: number): PartsCheck =>
  (v) => {
    if (!Array.isArray(v) || v.length > most) return `an array of at most ${most}`;
    return firstWrong(
      v,
      Array.from(v, (_, i) => [String(i), check]),
    );
  };

/** Text of a form, and of at most so many characters: the pattern is not asked about more. */
export const textOf =
  (what: string, pattern: RegExp, most: number): PartsCheck =>
  (v) =>
    typeof v === 'string' && v.length <= most && pattern.test(v) ? undefined : what;

/** May be missing, as `undefined`. */
export const maybe =
  (check: PartsCheck): PartsCheck =>
  (v) =>
    v === undefined ? undefined : check(v);

/** A handle that has been made already, inside of this one. */
export const instanceOf =
  // biome-ignore lint/suspicious/noExplicitAny: any class at all
    (Class: abstract new (...args: any[]) => object): PartsCheck =>
    (v) =>
      v instanceof Class ? undefined : `a ${Class.name}`;

/** Memory that threads share, of exactly so many bytes. */
export const sharedBytes =
  (size: number): PartsCheck =>
  (v) =>
    v instanceof SharedArrayBuffer && v.byteLength === size && !v.growable ? undefined : `shared memory of ${size} bytes`;

/** Memory that threads share. */
export const sharedMemory: PartsCheck = (v) => (v instanceof SharedArrayBuffer ? undefined : 'shared memory');

/** All of several checks: the later ones see only what has passed the former. */
export const both =
  (...checks: readonly PartsCheck[]): PartsCheck =>
  (v) => {
    for (const check of checks) {
      const wrong = check(v);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };

function firstWrong(of: object, checks: [string, PartsCheck][]): string | undefined {
  for (const [name, check] of checks) {
    const wrong = Object.hasOwn(of, name) ? check((of as Record<string, unknown>)[name]) : 'there';
    if (wrong !== undefined) return `its part ${name} to be ${wrong}`;
  }
  return undefined;
}
