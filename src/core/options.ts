import { OptionError } from './errors.js';
import { didYouMean } from './nearest.js';

/** What an option may be; each check returns what was expected, or `undefined` if the value will do. */
export type OptionCheck = (value: unknown) => string | undefined;

/** The names of options and what each may be. */
export type OptionTable = Readonly<Record<string, OptionCheck>>;

/** A value, for the message that refuses it. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value); // it has no text
  }
}

/** The kind of a value, without the value. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `${value.byteLength} bytes`;
  const type = typeof value;
  return type === 'undefined' ? type : type === 'object' ? 'an object' : `a ${type}`;
}

/** Checks of what nobody else may know. */
const secrets = new WeakSet<OptionCheck>();

/**
 * The check of a value that is a secret, or holds some: messages say of it what it is, and never
 * the value; nor that of what came in place of the options, for a key may have been put there.
 */
export function secret(check: OptionCheck): OptionCheck {
  secrets.add(check);
  return check;
}

/*
 * The values of a number, the same for every option. A count of things that are to be there
 * is a whole number, and never Infinity. How many or how much there may be at most is one, too, or
 * Infinity: no limit. A time may also be a fraction.
 */

/**
 * How many of something: a whole number from `least` up (and at most `most`, which may be Infinity
 * if that is said).
 */
export const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER): OptionCheck =>
  (v) =>
    (Number.isSafeInteger(v) || (v === most && most === Number.POSITIVE_INFINITY)) && (v as number) >= least && (v as number) <= most
      ? undefined
      : `a whole number from ${least} ${range(most)}`;

const range = (most: number): string =>
  most === Number.POSITIVE_INFINITY ? 'up, or Infinity' : most === Number.MAX_SAFE_INTEGER ? 'up' : `to ${most}`;

/** How many, or how much, at most. */
export const limit: OptionCheck = whole(1, Number.POSITIVE_INFINITY);

/** Milliseconds, 0 or more; Infinity means never. */
export const milliseconds: OptionCheck = (v) => (typeof v === 'number' && v >= 0 ? undefined : 'a number of milliseconds, 0 or more');

export const finite: OptionCheck = (v) => (typeof v === 'number' && Number.isFinite(v) ? undefined : 'a finite number');
/** Names and their values, as variables of an environment. An undefined one is left out. */
export const environment: OptionCheck = secret((v) => {
  if (typeof v !== 'object' || v === null || Array.isArray(v) || v instanceof Map || v instanceof Set) return 'an object of variables';
  const odd = Object.keys(v).find((name) => !isVariable(name, (v as Record<string, unknown>)[name]));
  return odd === undefined
    ? undefined
    : `an object of variables, each a name and a text (or undefined) without NUL, and ${JSON.stringify(odd)} is none`;
});

function isVariable(name: string, value: unknown): boolean {
  if (name === '' || /[=\0]/.test(name.slice(1)) || name.startsWith('\0')) return false;
  return value === undefined || (['string', 'number', 'boolean'].includes(typeof value) && !String(value).includes('\0'));
}

/** The variables that are there, as text: of its own properties, and of no prototype. */
export function variablesOf(env: Record<string, string | undefined>): Record<string, string> {
  const out = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(env)) if (value !== undefined) out[name] = String(value);
  return out;
}

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
    const got = Object.values(table).some((check) => secrets.has(check)) ? kindOf(options) : show(options);
    throw new OptionError(`${where} expects an object of options, got ${got}`);
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(table, name)) {
      throw new OptionError(`${where} has no option "${name}"${didYouMean(name, Object.keys(table))}`);
    }
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const expected = table[name](value);
    if (expected !== undefined) {
      const got = secrets.has(table[name]) ? kindOf(value) : show(value);
      throw new OptionError(`${where}: option "${name}" expects ${expected}, got ${got}`);
    }
    out[name] = value;
  }
  return out as T;
}
