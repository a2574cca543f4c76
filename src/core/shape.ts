import { WireError } from './errors.js';

/*
 * Messages of others: a worker, a peer, a file that somebody may have changed. Nothing is done with
 * one before its shape is known, and what is said of it is short, whatever is in it.
 */

/** Whether one part of a message is of the right kind. */
export type Part = (value: unknown) => boolean;

export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
export const isText = (value: unknown): value is string => typeof value === 'string';
export const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
export const isAnything: Part = () => true;

/** Whether a value is an array of exactly these parts. */
export const hasShape = (value: unknown, parts: readonly Part[]): value is unknown[] =>
  Array.isArray(value) && value.length === parts.length && parts.every((isRight, i) => isRight(value[i]));

/**
 * @param what Was expected, for the message: `A peer of a lock`, and `a list of entries`.
 * @throws {WireError} unless it is so.
 */
export function mustBeSaid(isRight: boolean, who: string, what: string, came: unknown): asserts isRight {
  if (!isRight) throw new WireError(`${who} was expected to say ${what}, and said ${inShort(came)}`);
}

/** How many elements of a list, and characters of a text, are shown. */
const [ELEMENTS, CHARACTERS] = [6, 60];

/**
 * A value that somebody else sent, in a few words. Unlike `inspect`, and unlike any method of the
 * value, this takes the same short time for whatever comes: a sparse array of four thousand million
 * elements, a bigint of a million digits.
 */
export function inShort(value: unknown, depth = 1): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > CHARACTERS ? `${value.slice(0, CHARACTERS)}…` : value);
  }
  if (typeof value === 'number' || typeof value === 'boolean' || value == null) return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (!Array.isArray(value)) return Object.prototype.toString.call(value);
  const { length } = value;
  if (depth === 0) return `[list of ${length}]`;
  const shown = Array.from({ length: Math.min(length, ELEMENTS) }, (_, i) => inShort(value[i], depth - 1));
  if (length > ELEMENTS) shown.push(`and ${length - ELEMENTS} more`);
  return `[${shown.join(', ')}]`;
}

/**
 * The message of an error that somebody else made: it may be anything, also what cannot be made
 * text.
 */
export function messageOf(error: unknown): string {
  try {
    const { message } = error as Error;
    return typeof message === 'string' ? message : inShort(error instanceof Error ? message : error);
  } catch {
    return 'what it says cannot be told'; // nothing that has properties, or a getter that throws
  }
}
