import { errorClasses, hasShape, isText, mustBeSaid } from '../core/index.js';

/**
 * An error as it travels. Structured clone alone drops its name, code and own properties and, for
 * an AggregateError, all its errors.
 */
export interface FlatError {
  /** The nearest class that both sides have. */
  class: string;
  /**
   * For a DOMException, the arguments of its constructor: nothing else sets its message and its
   * name.
   */
  exception: readonly [message: string, name: string] | undefined;
  stack: string;
  /**
   * Its other properties: key, whether that is enumerable, and value, one after the other. A
   * symbol's key is in an array.
   */
  own: unknown[];
}

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

/** Also an error of another realm, such as a `vm` context: not `instanceof Error` here. */
export function isError(value: object): value is Error {
  return value instanceof Error || process.getBuiltinModule('node:util').types.isNativeError(value);
}

function classOf(error: Error): string {
  if (error instanceof DOMException) return 'DOMException';
  const isForeign = !(error instanceof Error);
  for (let proto = Object.getPrototypeOf(error); proto; proto = Object.getPrototypeOf(proto)) {
    // By the prototype, not by its `constructor`: frozen intrinsics have a getter there.
    const known = prototypes.get(proto);
    if (known !== undefined) return known;
    if (!isForeign) continue;
    const { value } = Object.getOwnPropertyDescriptor(proto, 'constructor') ?? {};
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
  const flat: FlatError = {
    class: name,
    exception: isException ? [textAt(error, 'message'), textAt(error, 'name')] : undefined,
    stack: stackOf(error),
    own: [],
  };
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
    flat.own.push(typeof key === 'symbol' ? [Symbol.keyFor(key)] : key, enumerable, part);
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
  return flat;
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

/** Whether something that came is an error: all but its parts. */
function isFlat(came: unknown): came is FlatError {
  if (typeof came !== 'object' || came === null) return false;
  const { class: name, exception, stack, own } = came as Partial<FlatError>;
  if (!isText(name) || !isText(stack) || !(exception === undefined || hasShape(exception, [isText, isText]))) return false;
  if (!Array.isArray(own) || own.length % 3 !== 0) return false;
  for (let i = 0; i < own.length; i += 3) if (!isKey(own[i])) return false;
  return true;
}

/**
 * @param read Decodes a part.
 * @param made Is given the error before its parts are decoded: they may lead back to it.
 * @throws {WireError} if it is none.
 */
export function unflattenError(flat: FlatError, read: (part: unknown) => unknown, made: (error: Error) => void): Error {
  mustBeSaid(isFlat(flat), 'The other side', 'an error', flat);
  // Not through the constructor of its class: each wants other arguments.
  const error = flat.exception === undefined ? new Error() : new DOMException(...flat.exception);
  if (flat.exception === undefined) Object.setPrototypeOf(error, (classes.get(flat.class) ?? Error).prototype);
  define(error, 'stack', flat.stack, false);
  made(error);
  for (let i = 0; i < flat.own.length; i += 3) {
    const key = flat.own[i] as string | [string];
    define(error, typeof key === 'string' ? key : Symbol.for(key[0]), read(flat.own[i + 2]), flat.own[i + 1] === true);
  }
  return error;
}

function define(error: Error, key: PropertyKey, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable });
}
