import { entriesOf, hasShape, isAnything, isText, membersOf, mustBeSaid, WireError } from '../core/index.js';
import { type FlatError, makeError, mustBeFlatError, putParts } from './error.js';
import { loadKind, makerOf } from './kinds.js';
import { keysOf, setOwn } from './shape.js';

/** The mark of an error: an empty object of its own, and the error's parts, encoded in turn. */
export type ErrorMark = [placeholder: object, ...FlatError];
/** The mark of a handle: how it is made again, and of what. */
export type HandleMark = [placeholder: object, kind: string, parts: unknown];
/** Of the handles, those that are inside of others come first. */
export type Marks = [errors: ErrorMark[], handles: HandleMark[]];

/** A value that was encoded. Whether a value has been, is said by what it travels in. */
export type Coded = [value: unknown, marks: Marks];

/**
 * The loading that a value with these marks needs before it can be decoded; `undefined`, most
 * often: nothing.
 *
 * @throws {WireError} if they are no marks.
 */
export function missingKinds(coded: unknown): Promise<unknown> | undefined {
  const loads = new Set<Promise<unknown>>();
  for (const [, kind] of marksOf(coded)[1]) {
    const load = loadKind(kind);
    if (load !== undefined) loads.add(load);
  }
  return loads.size === 0 ? undefined : Promise.all(loads);
}

/**
 * Undoes `encode`, in place: the value is this side's own copy.
 *
 * @throws {WireError} if it is none that could have been encoded.
 */
export function decode(coded: unknown): unknown {
  const [errors, handles] = marksOf(coded);
  const restorer = new Restorer();
  for (const [placeholder] of handles) restorer.made.set(placeholder, UNMADE);
  for (const [placeholder, ...flat] of errors) restorer.made.set(placeholder, makeError(flat));
  for (const [placeholder, kind, parts] of handles) restorer.made.set(placeholder, makerOf(kind)(restorer.restore(parts) as never));
  for (const [placeholder, ...flat] of errors) putParts(restorer.made.get(placeholder) as Error, flat, (part) => restorer.restore(part));
  return restorer.restore((coded as Coded)[0]);
}

/** A handle that is still to be made. */
const UNMADE = Symbol('unmade');

/** Puts what was made in its places. Without recursion: a value that came may be of any depth. */
class Restorer {
  readonly made = new Map<unknown, unknown>();
  readonly #seen = new Set<object>();
  readonly #open: object[] = [];

  restore(value: unknown): unknown {
    const restored = this.#place(value);
    for (let next = this.#open.pop(); next !== undefined; next = this.#open.pop()) this.#look(next);
    return restored;
  }

  #place(part: unknown): unknown {
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) return part;
    const made = this.made.get(part);
    if (made === UNMADE) throw new WireError('A handle came that is inside of one which was made before it');
    if (made !== undefined) return made;
    if (!this.#seen.has(part)) {
      this.#seen.add(part);
      this.#open.push(part);
    }
    return part;
  }

  #look(value: object): void {
    if (Array.isArray(value)) this.#properties(value, keysOf(value));
    else if (value instanceof Map) {
      const entries = entriesOf(value);
      const placed = entries.map((part) => this.#place(part));
      if (placed.every((part, i) => Object.is(part, entries[i]))) return;
      value.clear();
      for (let i = 0; i < placed.length; i += 2) value.set(placed[i], placed[i + 1]);
    } else if (value instanceof Set) {
      const members = membersOf(value);
      const placed = members.map((part) => this.#place(part));
      if (placed.every((part, i) => Object.is(part, members[i]))) return;
      value.clear();
      for (const part of placed) value.add(part);
    } else if (Object.getPrototypeOf(value) === Object.prototype) this.#properties(value, Object.keys(value));
  }

  #properties(value: object, keys: readonly string[]): void {
    for (const key of keys) {
      const part = (value as Record<string, unknown>)[key];
      const placed = this.#place(part);
      if (placed !== part) setOwn(value, key, placed);
    }
  }
}

/** @throws {WireError} */
function marksOf(coded: unknown): Marks {
  mustBeSaid(
    hasShape(coded, [isAnything, (marks: unknown) => hasShape(marks, [Array.isArray, Array.isArray])]),
    'The other side',
    'a value and its marks',
    coded,
  );
  const marks = coded[1] as Marks;
  for (const mark of marks[0]) {
    mustBeSaid(hasShape(mark, [isObject, ...anyError]), 'The other side', 'what stands for an error', mark);
    mustBeFlatError(mark.slice(1));
  }
  for (const mark of marks[1])
    mustBeSaid(hasShape(mark, [isObject, isText, isAnything]), 'The other side', 'what stands for a handle', mark);
  return marks;
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const anyError = [isAnything, isAnything, isAnything, isAnything];
