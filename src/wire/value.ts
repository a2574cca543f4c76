import { bare, entriesOf, inherits, type Leaving, letLeave, membersOf, outside, type Traveller, travels } from '../core/index.js';
import { flattenError, type PartWriter } from './error.js';
import type { Coded, ErrorMark, Marks } from './marks.js';
import { enveloped } from './message.js';
import { describe, messageOf, notCloneable } from './not-cloneable.js';
import { keysOf, lengthOf, mustBeReal, Shape, setOwn, shapeOf } from './shape.js';

/*
 * What structured clone does not carry as it is: errors and handles, at any depth. A value without them is passed on untouched, so
 * a tiny call pays for a `typeof`. A value with them is copied, with an empty object in each place;
 * the marks beside the value say what those stand for. An object is known by its identity, which
 * structured clone keeps within a message: nothing that is in a value can be taken for a mark.
 */

/**
 * More levels than these no value may have, for every reader has to come to the bottom of it: one
 * that cannot loses the whole message, with the values of other calls. A main thread reads from
 * 1,480 levels up, a thread with a stack of 1 MB from 1,220, of half a MB from 440.
 */
const DEEPEST = 400;

/** Children that an object without objects in it may have and need not be remembered. */
const FEW = 16;
/** After so many places without anything an array is taken to be sparse. */
const BLANK = 1024;

/**
 * Whether the value must be encoded before it can cross.
 *
 * @throws {TypeError} if it cannot, as far as that was seen.
 */
export function needsCode(value: unknown): boolean {
  return typeof value === 'object' && value !== null && search(value, undefined, 1);
}

// In the order of the serializer: one that goes another way comes to another depth, where parts are
// shared.
function search(value: object, seen: Set<object> | undefined, depth: number): boolean {
  const proto = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null) return searchOther(value, seen, depth);
  if (seen?.has(value)) return false;
  if (depth > DEEPEST) throw tooDeep();
  let visited = seen;
  let count = 0;
  // An inherited property does no harm here, and a list of the own ones costs more than all else.
  for (const key in value) {
    const child = (value as Record<string, unknown>)[key];
    count++;
    if (typeof child !== 'object' || child === null) continue;
    visited ??= new Set();
    visited.add(value);
    if (search(child, visited, depth + 1)) return true;
  }
  if (count > FEW) visited?.add(value);
  return false;
}

function searchOther(value: object, seen: Set<object> | undefined, depth: number): boolean {
  switch (shapeOf(value)) {
    case Shape.LEAF:
      return false;
    case Shape.ARRAY: {
      const array = value as unknown[];
      // Of an empty one the names, which an array with items is not asked for: that costs more than
      // all else.
      return searchList(array, lengthOf(array) === 0 ? Object.values(array) : array, seen, depth);
    }
    case Shape.OBJECT:
      return searchList(value, Object.values(value), seen, depth);
    case Shape.MAP:
      return searchList(value, entriesOf(value as Map<unknown, unknown>), seen, depth);
    case Shape.SET:
      return searchList(value, membersOf(value as Set<unknown>), seen, depth);
    default:
      return true;
  }
}

function searchList(value: object, children: readonly unknown[], seen: Set<object> | undefined, depth: number): boolean {
  if (seen?.has(value)) return false;
  if (depth > DEEPEST) throw tooDeep();
  let visited = seen;
  let list = children;
  let blank = 0;
  for (let i = 0; i < list.length; i++) {
    const child = list[i];
    if (typeof child === 'object') {
      if (child === null) continue;
      visited ??= new Set();
      visited.add(value);
      if (search(child, visited, depth + 1)) return true;
    } else if (child === undefined && list === value && ++blank > BLANK) {
      list = Object.values(value); // it is sparse, perhaps
      i = -1;
    }
  }
  if (list.length > FEW) visited?.add(value);
  return false;
}

const tooDeep = () => new TypeError(`it is nested more than ${DEEPEST} levels deep`);

/**
 * How what was encoded goes on: cloned, to another thread; as bytes, which hold no shared memory;
 * or as bytes that are not told apart from data, so that no handle can be in them. It decides which
 * parts an error can take along: what a value itself cannot have in it is for the carrier to
 * refuse.
 */
export type Carrier = 'clone' | 'bytes' | 'data';

/** Errors inside of errors, more than these, are described. */
const DEEPEST_ERROR = 200;
/**
 * Those further inside than this are, beyond so many in all: a getter may give errors without end.
 */
const [NEAR_ERROR, MOST_ERRORS] = [3, 1000];

/** An error whose parts are still to be written. */
interface OpenError {
  readonly error: Error;
  readonly mark: ErrorMark;
  /** How many errors it is inside of. */
  readonly depth: number;
}

/** Encodes the values of one message. */
export class Encoder {
  /** The marks of the placeholders in the values: they go in the message beside them. */
  readonly marks: Marks = [[], []];
  /** The handles that leave in the message, to be told once it has been written. */
  readonly leaving: Leaving[] = [];
  readonly #carrier: Carrier;
  readonly #copies = new Map<object, unknown>();
  /** The keys of the copies, in their order. */
  readonly #copied: object[] = [];
  /** One after the other, so that none is written inside of another. */
  readonly #open: OpenError[] = [];
  /** How many errors the part that is being written is inside of. */
  #depth = 0;
  #farErrors = 0;
  readonly #writer: PartWriter = {
    write: (part) => this.#part(part),
    unreadable: (thrown) => `[cannot be read (${messageOf(thrown)})]`,
  };

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
  }

  /**
   * The value with an empty object for each part that structured clone would spoil.
   *
   * @throws if it cannot travel. The encoded part is of no use then.
   */
  code(value: unknown): unknown {
    const coded = this.#code(value, 1);
    // Grows on the way.
    for (const { error, mark, depth } of this.#open) {
      this.#depth = depth + 1;
      mark.push(...flattenError(error, this.#writer));
    }
    this.#depth = 0;
    this.#open.length = 0;
    return coded;
  }

  #code(value: unknown, depth: number): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const copy = this.#copies.get(value);
    if (copy !== undefined) return copy;
    const shape = shapeOf(value);
    if (shape === Shape.LEAF) return value;
    if (shape === Shape.ERROR) return this.#error(value as Error);
    if (shape === Shape.TRAVELLER) return this.#handle(value as never, depth);
    mustBeReal(value);
    if (depth > DEEPEST) throw tooDeep();
    switch (shape) {
      case Shape.ARRAY: {
        const array = value as unknown[];
        const keys = keysOf(array);
        if (keys.length === 0 && array.length > 0) return array;
        const out = this.#keep(array, [] as unknown[]);
        for (const key of keys) setOwn(out, key, this.#code(array[key as never], depth + 1));
        if (out.length < array.length) out.length = array.length; // a hole stays a hole
        return out;
      }
      case Shape.MAP: {
        const out = this.#keep(value, new Map());
        const entries = entriesOf(value as Map<unknown, unknown>);
        for (let i = 0; i < entries.length; i += 2) {
          const key = this.#code(entries[i], depth + 1);
          out.set(key, this.#code(entries[i + 1], depth + 1));
        }
        return out;
      }
      case Shape.SET: {
        const out = this.#keep(value, new Set());
        for (const member of membersOf(value as Set<unknown>)) out.add(this.#code(member, depth + 1));
        return out;
      }
      default: {
        const proto = Object.getPrototypeOf(value);
        // The platform's own objects look like instances, and a copy would not be one.
        if (proto !== Object.prototype && proto !== null && !search(value, undefined, depth)) return value;
        const out = this.#keep(value, {});
        for (const key of Object.keys(value)) setOwn(out, key, this.#code((value as Record<string, unknown>)[key], depth + 1));
        return out;
      }
    }
  }

  #keep<T extends object>(value: object, copy: T): T {
    this.#copies.set(value, copy);
    this.#copied.push(value);
    return copy;
  }

  #error(error: Error): unknown {
    const [errors] = this.marks;
    if (this.#depth >= DEEPEST_ERROR) return `[an error inside of ${DEEPEST_ERROR} others]`;
    if (this.#depth > NEAR_ERROR && ++this.#farErrors > MOST_ERRORS) return `[an error after ${MOST_ERRORS} others]`;
    const placeholder = this.#keep(error, {});
    const mark = [placeholder] as unknown as ErrorMark;
    errors.push(mark);
    this.#open.push({ error, mark, depth: this.#depth });
    return placeholder;
  }

  #handle(handle: Traveller, depth: number): unknown {
    if (this.#carrier === 'data') throw new TypeError(`a ${handle.constructor.name} is not its bytes`);
    const { kind, parts, leaving } = bare(handle[travels]());
    if (leaving !== undefined) this.leaving.push(leaving);
    const placeholder = this.#keep(handle, {});
    // After those inside of it, which have to be made first.
    const coded = this.#code(parts, depth);
    this.marks[1].push([placeholder, kind, coded]);
    return placeholder;
  }

  /**
   * A part of an error: one that cannot travel is replaced by a description, for the error itself
   * matters more.
   */
  #part(part: unknown): unknown {
    if (typeof part === 'function' || typeof part === 'symbol') return `[${describe(part)}: could not travel]`;
    if (typeof part !== 'object' || part === null) return part;
    const { marks, leaving } = this;
    const lists = [marks[0], marks[1], leaving, this.#open];
    const lengths = lists.map(({ length }) => length);
    const copied = this.#copied.length;
    try {
      const coded = this.#code(part, 1);
      mustTravel([coded, marks[1].slice(lengths[1])], this.#carrier);
      return coded;
    } catch (thrown) {
      // A half-made copy must not be found again, by another part that leads to the same object.
      for (const object of this.#copied.splice(copied)) this.#copies.delete(object);
      for (const [i, list] of lists.entries()) list.length = lengths[i];
      const isTold = typeof thrown === 'object' && thrown !== null && inherits(thrown, TypeError.prototype);
      return `[${describe(part)}: could not travel${isTold ? ` (${messageOf(thrown)})` : ''}]`;
    }
  }
}

/**
 * A value as it travels, with its marks.
 *
 * @param leaving Gets what leaves in it, to be told once the value has been written. Default: it is
 * told at once.
 */
export function encode(value: unknown, carrier: Carrier = 'clone', leaving?: Leaving[]): Coded {
  const encoder = new Encoder(carrier);
  const coded: Coded = [encoder.code(value), encoder.marks];
  if (leaving === undefined) letLeave(encoder.leaving);
  else leaving.push(...encoder.leaving);
  return coded;
}

/** @throws if the carrier cannot take what was encoded. */
function mustTravel(coded: unknown, carrier: Carrier): void {
  if (carrier !== 'clone') new (process.getBuiltinModule('node:v8').Serializer)().writeValue(coded);
  // Node 20 makes a channel for it at the first use and keeps that, and with it the context.
  else outside(() => structuredClone(coded));
}

/**
 * An error, or a reason, that a call or a caller gave: encoded, so that it can travel in
 * any case. One that cannot is told by an error in its place.
 */
export function encodeFailure(error: unknown, what: string, carrier: Carrier = 'clone'): Coded {
  try {
    if (typeof error === 'function' || typeof error === 'symbol') throw new TypeError(`${describe(error)} could not be cloned`);
    const coded = encode(error, carrier);
    // The parts of an error have been tried one by one.
    if (typeof error === 'object' && error !== null && shapeOf(error) !== Shape.ERROR) mustTravel(coded, carrier);
    return coded;
  } catch (cause) {
    return encode(
      notCloneable(what, [error], () => 'it', cause),
      carrier,
    );
  }
}

/** A message whose last part is an error, or a reason, as `encodeFailure` has it. */
export function failureMessage(head: readonly unknown[], error: unknown, { what, carrier }: { what: string; carrier: Carrier }): unknown[] {
  const [coded, marks] = encodeFailure(error, what, carrier);
  return enveloped([...head, coded], marks);
}
