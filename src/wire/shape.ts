import { bare, inherits } from '../core/index.js';
import { isTraveller } from './is-traveller.js';

/** How structured clone sees an object, and what is added to that. */
export const Shape = {
  /**
   * It goes as it is, with nothing in it that could be looked into: bytes, a date, what the
   * platform carries.
   */
  LEAF: 0,
  ARRAY: 1,
  /** A plain object, or an instance of a class, of which structured clone makes one. */
  OBJECT: 2,
  MAP: 3,
  SET: 4,
  ERROR: 5,
  /** It says itself how it travels. */
  TRAVELLER: 6,
} as const;
export type Shape = (typeof Shape)[keyof typeof Shape];

/**
 * Objects that keep their content where structured clone does not see it: they would arrive empty,
 * without a word.
 */
const emptied = new Map([
  ['URL', 'pass its href'],
  ['URLSearchParams', 'pass its text'],
  ['Headers', 'pass its entries as an array'],
  ['FormData', 'pass its entries as an array'],
  ['Request', 'pass its url and options'],
  ['Response', 'pass its body and status'],
]);

const { types } = process.getBuiltinModule('node:util');
const toText = Object.prototype.toString;

/** Whether an object is an error, also one of another realm, such as a `vm` context. */
export const isError = (value: object): value is Error => inherits(value, Error.prototype) || types.isNativeError(value);

/**
 * An answer in a bounded time, whatever it is asked about: neither `instanceof` nor the methods of
 * the object are used, which a subclass or a Proxy may have replaced.
 *
 * @throws {TypeError} for what cannot travel: a Proxy, and what would arrive empty.
 */
export function shapeOf(value: object): Shape {
  const proto = Object.getPrototypeOf(value);
  if (proto === Object.prototype || proto === null) return Shape.OBJECT;
  if (Array.isArray(value)) return Shape.ARRAY;
  if (ArrayBuffer.isView(value)) return Shape.LEAF;
  mustBeReal(value);
  if (isTraveller(value)) return Shape.TRAVELLER;
  if (inherits(value, Error.prototype)) return Shape.ERROR;
  if (value[Symbol.toStringTag as never] === undefined) {
    const text = toText.call(value);
    return text === '[object Object]' ? Shape.OBJECT : text === '[object Error]' ? Shape.ERROR : Shape.LEAF;
  }
  if (types.isMap(value)) return Shape.MAP;
  if (types.isSet(value)) return Shape.SET;
  if (types.isNativeError(value)) return Shape.ERROR;
  if (types.isDate(value) || types.isRegExp(value) || types.isBoxedPrimitive(value) || types.isAnyArrayBuffer(value)) return Shape.LEAF;
  refuseEmpty(value);
  return Shape.OBJECT;
}

/**
 * @throws {TypeError} for a Proxy, which structured clone refuses: what it shows need have no end.
 */
export function mustBeReal(value: object): void {
  if (types.isProxy(value)) throw new TypeError('a Proxy could not be cloned');
}

function refuseEmpty(value: object): void {
  const tag = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  const advice = typeof tag === 'string' ? emptied.get(tag) : undefined;
  // Built-in by its tag, and not a class of the user's that has the name.
  if (advice !== undefined && Object.keys(value).length === 0) throw new TypeError(`a ${tag} would arrive empty: ${advice}`);
}

/** After so many places without anything an array is taken to be sparse. */
const BLANK = 1024;

/** @throws {TypeError} for a Proxy that claims to be a long one: it need have no end. */
export function lengthOf(array: readonly unknown[]): number {
  const { length } = array;
  if (length > BLANK) mustBeReal(array);
  return length;
}

/**
 * The keys of an array under which there may be objects; most often there are none. A length says
 * nothing of what is there, and the keys of a dense array cost more than its elements.
 */
export function keysOf(array: readonly unknown[]): readonly string[] {
  const length = lengthOf(array);
  let blank = 0;
  for (let i = 0; i < length; i++) {
    const item = array[i];
    if ((typeof item === 'object' && item !== null) || (item === undefined && ++blank > BLANK)) return Object.keys(array);
  }
  return length === 0 ? Object.keys(array) : [];
}

/**
 * The items of an array among which there may be objects: itself, or what there is of a sparse one.
 */
export function itemsOf(array: readonly unknown[]): readonly unknown[] {
  const length = lengthOf(array);
  let blank = 0;
  for (let i = 0; i < length; i++) if (array[i] === undefined && ++blank > BLANK) return Object.values(array);
  return length === 0 ? Object.values(array) : array;
}

export function setOwn(target: object, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, bare({ value, configurable: true, enumerable: true, writable: true }));
  else (target as Record<string, unknown>)[key] = value;
}
