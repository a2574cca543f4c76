import { bare, errorClasses, hasShape, inherits, isText, mustBeSaid } from '../core/index.js';

/**
 * An error as it travels. Structured clone alone drops its name, code and own properties and, for
 * an AggregateError, all its errors.
 */
export type FlatError = [
  /** The nearest class that both sides have. */
  className: string,
  /**
   * For a DOMException, the arguments of its constructor: nothing else sets its message and its
   * name.
   */
  exception: readonly [message: string, name: string] | undefined,
  stack: string,
  /**
   * Its other properties: key, whether that is enumerable, and value, one after the other. A
   * symbol's key is in an array.
   */
  own: unknown[],
];

/** How parts of an error are encoded. */
export interface PartWriter {
  /** The stand-in for a part: a description, if the part itself cannot travel. */
  write(part: unknown): unknown;
  /** The stand-in for a part that cannot be read. */
  unreadable(thrown: unknown): unknown;
}

type ErrorClass = new (...args: never[]) => Error;

/** Classes that both sides have. An error of another class arrives as the nearest one it derives from, with its own `name`. */
const classes = new Map<string, ErrorClass>(
  [...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError], ...errorClasses].map((c) => [
    c.name,
    c as unknown as ErrorClass,
  ]),
);

const prototypes = new Map([...classes].map(([name, { prototype }]) => [prototype as object, name]));

/**
 * The properties that programs look for in an error. A class may define it once for all its errors,
 * by a getter or on its prototype; the class stays here, so it travels as if it were the error's
 * own. The symbol is the brand by which `instanceof` knows errors of Meantime.
 */
const looked = ['name', 'message', 'code', 'cause', 'errors', Symbol.for('meantime.error')];

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** A longer chain has no end. */
const MOST_CLASSES = 100;

function classOf(error: Error): string {
  if (inherits(error, DOMException.prototype)) return 'DOMException';
  const isForeign = !inherits(error, Error.prototype);
  let proto: unknown = Object.getPrototypeOf(error);
  for (let above = 0; isObject(proto) && above < MOST_CLASSES; proto = Object.getPrototypeOf(proto), above++) {
    // By the prototype, not by its `constructor`: frozen intrinsics have a getter there.
    const known = prototypes.get(proto);
    if (known !== undefined) return known;
    if (!isForeign) continue;
    const { value } = Object.getOwnPropertyDescriptor(proto, 'constructor') ?? bare<PropertyDescriptor>({});
    const name: unknown = typeof value === 'function' ? value.name : undefined;
    if (typeof name === 'string' && classes.has(name)) return name;
  }
  return 'Error';
}

/**
 * Every part is read and written by itself: one that cannot be is described in its place, and takes
 * neither the others nor the error with it.
 */
export function flattenError(error: Error, parts: PartWriter): FlatError {
  const name = classOf(error);
  const isException = name === 'DOMException';
  const own: unknown[] = [];
  const prototype = (isException ? DOMException : (classes.get(name) as ErrorClass)).prototype as unknown as Record<PropertyKey, unknown>;
  const put = (key: PropertyKey, enumerable: boolean): void => {
    let part: unknown;
    try {
      const value = (error as unknown as Record<PropertyKey, unknown>)[key];
      // A method that an own function shadows is of more use over there than a description of the
      // function.
      if (typeof value === 'function' && typeof inherited(prototype, key) === 'function') return;
      part = parts.write(value);
    } catch (thrown) {
      part = parts.unreadable(thrown);
    }
    own.push(typeof key === 'symbol' ? [Symbol.keyFor(key)] : key, enumerable, part);
  };
  for (const key of Reflect.ownKeys(error)) {
    // A symbol that is not registered is nobody's over there.
    if (key === 'stack' || (typeof key === 'symbol' && Symbol.keyFor(key) === undefined)) continue;
    put(key, Object.getOwnPropertyDescriptor(error, key)?.enumerable === true);
  }
  for (const key of looked) {
    if (Object.hasOwn(error, key) || !(key in error) || isSame(error, prototype, key, isException)) continue;
    put(key, false);
  }
  return [name, isException ? [textAt(error, 'message'), textAt(error, 'name')] : undefined, stackOf(error), own];
}

/** Whether the class over there gives the same for a key that the error has inherited. */
function isSame(error: Error, prototype: Record<PropertyKey, unknown>, key: PropertyKey, isException: boolean): boolean {
  if (isException) return true; // the constructor sees to it
  if (typeof key === 'symbol') return Object.getPrototypeOf(error) === prototype;
  return Object.is(inherited(error, key), inherited(prototype, key));
}

function inherited(target: object, key: PropertyKey): unknown {
  try {
    return (target as Record<PropertyKey, unknown>)[key];
  } catch {
    return undefined; // a getter that throws: whoever reads the part meets it, and says so
  }
}

/** A property that is text, or empty: what it is instead travels with the other properties. */
function textAt(error: Error, key: string): string {
  const value = inherited(error, key);
  return typeof value === 'string' ? value : '';
}

/** A stack is text in any case: who waits for the error adds to it. */
function stackOf(error: Error): string {
  const stack = inherited(error, 'stack');
  if (typeof stack === 'string') return stack;
  const [name, message] = ['name', 'message'].map((key) => inherited(error, key));
  return [name, message].some((part) => Object(part) === part || typeof part === 'symbol') ? 'Error' : `${name}: ${message}`;
}

const isKey = (key: unknown): boolean => isText(key) || hasShape(key, [isText]);

/** @throws {WireError} unless what came is a flat error, whatever its parts are. */
export function mustBeFlatError(came: readonly unknown[]): void {
  const [name, exception, stack, own] = came;
  const isException = exception === undefined || (name === 'DOMException' && hasShape(exception, [isText, isText]));
  let isRight = isText(name) && isException && isText(stack) && Array.isArray(own) && own.length % 3 === 0;
  for (let i = 0; isRight && i < (own as unknown[]).length; i += 3) isRight = isKey((own as unknown[])[i]);
  mustBeSaid(isRight, 'The other side', 'an error', came);
}

/** The error without its parts, which may lead back to it. */
export function makeError([className, exception, stack]: FlatError): Error {
  // Not through the constructor of its class: each wants other arguments.
  const error = exception === undefined ? new Error() : new DOMException(...exception);
  if (exception === undefined) Object.setPrototypeOf(error, (classes.get(className) ?? Error).prototype);
  define(error, 'stack', stack, false);
  return error;
}

/** @param read Decodes a part. */
export function putParts(error: Error, [, , , own]: FlatError, read: (part: unknown) => unknown): void {
  for (let i = 0; i < own.length; i += 3) {
    const key = own[i] as string | [string];
    define(error, typeof key === 'string' ? key : Symbol.for(key[0]), read(own[i + 2]), own[i + 1] === true);
  }
}

function define(error: Error, key: PropertyKey, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, bare({ value, configurable: true, writable: true, enumerable }));
}
