import { OptionError } from './errors.js';
import { didYouMean } from './nearest.js';

/** What an option may be; each check returns what was expected, or `undefined` if the value will do. */
export type OptionCheck = (value: unknown) => string | undefined;

/** The names of options and what each may be. */
export type OptionTable = Readonly<Record<string, OptionCheck>>;

const show = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));

/** A whole number from `least` up (and at most `most`). */
export const whole =
  (least: number, most = Number.POSITIVE_INFINITY): OptionCheck =>
  (v) =>
    typeof v === 'number' && (Number.isInteger(v) || v === most) && v >= least && v <= most
      ? undefined
      : `a whole number from ${least} ${most === Number.POSITIVE_INFINITY ? 'up' : `to ${most}`}`;

/** Milliseconds, 0 or more; Infinity means never. */
export const milliseconds: OptionCheck = (v) => (typeof v === 'number' && v >= 0 ? undefined : 'a number of milliseconds, 0 or more');

export const finite: OptionCheck = (v) => (typeof v === 'number' && Number.isFinite(v) ? undefined : 'a finite number');
export const text: OptionCheck = (v) => (typeof v === 'string' ? undefined : 'a string');
export const flag: OptionCheck = (v) => (typeof v === 'boolean' ? undefined : 'true or false');
export const func: OptionCheck = (v) => (typeof v === 'function' ? undefined : 'a function');
export const list: OptionCheck = (v) => (Array.isArray(v) ? undefined : 'an array');
export const record: OptionCheck = (v) => (typeof v === 'object' && v !== null ? undefined : 'an object');
export const signal: OptionCheck = (v) => (v instanceof AbortSignal ? undefined : 'an AbortSignal');
export const oneOf =
  (...values: readonly unknown[]): OptionCheck =>
  (v) =>
    values.includes(v) ? undefined : `one of ${values.map(show).join(', ')}`;
/** What passes one of several checks. */
export const either =
  (...checks: readonly OptionCheck[]): OptionCheck =>
  (v) => {
    const expected: string[] = [];
    for (const check of checks) {
      const wrong = check(v);
      if (wrong === undefined) return undefined;
      expected.push(wrong);
    }
    return expected.join(', or ');
  };

/**
 * Copies the options that are there into an object without a prototype. Only own properties are read: with a polluted
 * `Object.prototype`, an inherited option could name a file to load or a program to start.
 *
 * @param where Who asks, for the message: `ThreadPoolExecutor`.
 * @throws {OptionError} for an unknown name (the nearest known one is suggested) or a value of the wrong kind.
 */
export function readOptions<T extends object>(where: string, options: T | undefined, table: OptionTable): T {
  const out = Object.create(null) as Record<string, unknown>;
  if (options === undefined) return out as T;
  if (typeof options !== 'object' || options === null) {
    throw new OptionError(`${where} expects an object of options, got ${show(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(table, name)) {
      throw new OptionError(`${where} has no option "${name}"${didYouMean(name, Object.keys(table))}`);
    }
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const expected = table[name](value);
    if (expected !== undefined) throw new OptionError(`${where}: option "${name}" expects ${expected}, got ${show(value)}`);
    out[name] = value;
  }
  return out as T;
}
