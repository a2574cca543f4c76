import { type Leaving, letLeave, NotCloneableError, outside, ResourceError, travels } from '../core/index.js';
import { type FlatError, flattenError, isError, unflattenError } from './error.js';
import { isTraveller } from './is-traveller.js';
import { loadKind, makerOf } from './kinds.js';
import { handleThatStays } from './stays.js';

/*
 * What structured clone does not carry as it is: errors and handles, at any depth. A value without them is passed on untouched, so
 * a tiny call pays for a `typeof`. A value with them is copied, with a marked object in each place.
 */

const MARK = '@meantime';

type Marked =
  | { [MARK]: 'error'; flat: FlatError }
  | { [MARK]: 'plain'; value: Record<string, unknown> }
  | { [MARK]: 'gone'; what: string }
  | Handle;

/** What stands in the place of a handle. */
interface Handle {
  [MARK]: 'handle';
  kind: string;
  parts: unknown;
}

/** Whether the value must be encoded before it can cross. */
export function needsCode(value: unknown): boolean {
  return typeof value === 'object' && value !== null && search(value, undefined);
}

function search(value: object, seen: Set<object> | undefined): boolean {
  if (value instanceof Error) return true;
  if (ArrayBuffer.isView(value)) return false;
  if (seen?.has(value)) return false;
  const proto = Object.getPrototypeOf(value);
  let children: Iterable<unknown>;
  if (Array.isArray(value)) children = value;
  else if (proto === Object.prototype || proto === null) {
    if (Object.hasOwn(value, MARK)) return true;
    children = Object.values(value);
  } else if (isTraveller(value)) return true;
  else if (value instanceof Map) children = [...value.keys(), ...value.values()];
  else if (value instanceof Set) children = value;
  else if (isInstance(value)) children = Object.values(value);
  else return isError(value) || refuseEmpty(value);
  let visited = seen;
  for (const child of children) {
    if (typeof child !== 'object' || child === null) continue;
    visited ??= new Set();
    visited.add(value);
    if (search(child, visited)) return true;
  }
  return false;
}

/** Objects that keep their content where structured clone does not see it: they would arrive empty, without a word. */
const emptied = new Map([
  ['URL', 'pass its href'],
  ['URLSearchParams', 'pass its text'],
  ['Headers', 'pass its entries as an array'],
  ['FormData', 'pass its entries as an array'],
  ['Request', 'pass its url and options'],
  ['Response', 'pass its body and status'],
]);

/** Whether structured clone makes a plain object of it: what it has in it has to be looked at as well. */
const isInstance = (value: object): boolean => Object.prototype.toString.call(value) === '[object Object]';

function refuseEmpty(value: object): false {
  const tag = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  const advice = typeof tag === 'string' ? emptied.get(tag) : undefined;
  // Built-in by its tag, and not a class of the user's that has the name.
  if (advice !== undefined && Object.keys(value).length === 0) throw new TypeError(`a ${tag} would arrive empty: ${advice}`);
  return false;
}

/**
 * How what was encoded goes on: cloned, to another thread; as bytes, which hold no shared memory;
 * or as bytes that are not told apart from data, so that no handle can be in them. It decides which
 * parts an error can take along: what a value itself cannot have in it is for the carrier to
 * refuse.
 */
export type Carrier = 'clone' | 'bytes' | 'data';

/** One value on its way: what was made of each object in it. */
interface Writing {
  readonly copies: Map<object, unknown>;
  readonly carrier: Carrier;
  readonly leaving: Leaving[];
  /** How many errors the one that is being written is inside of. */
  depth: number;
}

/**
 * Errors inside of errors, more than these, are described: the message would be nested too deep to
 * be written.
 */
const DEEPEST = 200;

/**
 * The value with a marked object for each part that structured clone would spoil.
 *
 * @param leaving Gets what leaves in it, to be told once the value has been written. Default: it is
 * told at once.
 */
export function encode(value: unknown, carrier: Carrier = 'clone', leaving?: Leaving[]): unknown {
  const writing: Writing = { copies: new Map(), carrier, leaving: leaving ?? [], depth: 0 };
  const coded = code(value, writing);
  if (leaving === undefined) letLeave(writing.leaving);
  return coded;
}

function code(value: unknown, writing: Writing): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const { copies } = writing;
  const copy = copies.get(value);
  if (copy !== undefined) return copy;
  if (value instanceof Error) return codeError(value, writing);
  if (Array.isArray(value)) {
    const out: unknown[] = [];
    copies.set(value, out);
    out.length = value.length;
    for (let i = 0; i < value.length; i++) if (i in value) out[i] = code(value[i], writing); // a hole stays a hole
    return out;
  }
  const proto = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null && isTraveller(value)) {
    if (writing.carrier === 'data') throw new TypeError(`a ${value.constructor.name} is not its bytes`);
    const { kind, parts, leaving } = value[travels]();
    if (leaving !== undefined) writing.leaving.push(leaving);
    const handle: Handle = { [MARK]: 'handle', kind, parts: undefined };
    copies.set(value, handle);
    handle.parts = code(parts, writing);
    return handle;
  }
  if (value instanceof Map) {
    const out = new Map();
    copies.set(value, out);
    for (const [k, v] of value) out.set(code(k, writing), code(v, writing));
    return out;
  }
  if (value instanceof Set) {
    const out = new Set();
    copies.set(value, out);
    for (const item of value) out.add(code(item, writing));
    return out;
  }
  if (proto !== Object.prototype && proto !== null) {
    if (!isInstance(value)) {
      if (isError(value)) return codeError(value, writing);
      refuseEmpty(value);
      return value;
    }
    if (!needsCode(value)) return value;
  }
  const out: Record<string, unknown> = {};
  const marked: unknown = Object.hasOwn(value, MARK) ? { [MARK]: 'plain', value: out } : out;
  copies.set(value, marked);
  for (const [key, item] of Object.entries(value)) setOwn(out, key, code(item, writing));
  return marked;
}

function codeError(error: Error, writing: Writing): unknown {
  if (writing.depth >= DEEPEST) return gone(`an error inside of ${DEEPEST} others`);
  const marked = { [MARK]: 'error' } as unknown as { [MARK]: 'error'; flat: FlatError };
  writing.copies.set(error, marked);
  writing.depth++;
  marked.flat = flattenError(error, {
    write: (part) => codePart(part, writing),
    unreadable: (thrown) => gone(`cannot be read (${messageOf(thrown)})`),
  });
  writing.depth--;
  return marked;
}

const gone = (what: string): Marked => ({ [MARK]: 'gone', what });

/** A part of an error: one that cannot travel is replaced by a description, for the error itself matters more. */
function codePart(part: unknown, writing: Writing): unknown {
  if (typeof part === 'function' || typeof part === 'symbol') return gone(`${describe(part)}: could not travel`);
  if (typeof part !== 'object' || part === null) return part;
  const before = writing.copies.size;
  const staying = writing.leaving.length;
  try {
    const coded = code(part, writing);
    // The parts of an error have been tried one by one.
    if (!isMarked(coded, 'error') && !isMarked(coded, 'gone')) mustTravel(coded, writing.carrier);
    return coded;
  } catch (thrown) {
    // A half-made copy must not be found again, by another part that leads to the same object.
    for (const object of [...writing.copies.keys()].slice(before)) writing.copies.delete(object);
    writing.leaving.length = staying;
    return gone(`${describe(part)}: could not travel${thrown instanceof TypeError ? ` (${thrown.message})` : ''}`);
  }
}

/** @throws if the carrier cannot take what was encoded. */
function mustTravel(coded: unknown, carrier: Carrier): void {
  if (carrier !== 'clone') new (process.getBuiltinModule('node:v8').Serializer)().writeValue(coded);
  else if (!isMarked(coded, 'handle')) clone(coded);
}

const isMarked = (coded: unknown, as: Marked[typeof MARK]): boolean =>
  typeof coded === 'object' && coded !== null && Object.hasOwn(coded, MARK) && (coded as Marked)[MARK] === as;

/** Undoes `encode`, in place: the value is this side's own copy. */
export function decode(value: unknown, seen: Map<object, unknown> = new Map()): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (seen.has(value)) return seen.get(value);
  seen.set(value, value);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (i in value) value[i] = decode(value[i], seen);
    return value;
  }
  if (value instanceof Map) {
    const entries = [...value];
    value.clear();
    for (const [k, v] of entries) value.set(decode(k, seen), decode(v, seen));
    return value;
  }
  if (value instanceof Set) {
    const items = [...value];
    value.clear();
    for (const item of items) value.add(decode(item, seen));
    return value;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  if (Object.hasOwn(value, MARK)) {
    const marked = value as Marked;
    if (marked[MARK] === 'gone') return `[${marked.what}]`;
    if (marked[MARK] === 'plain') {
      seen.set(value, marked.value);
      decodeProperties(marked.value, seen);
      return marked.value;
    }
    if (marked[MARK] === 'handle') {
      const made = makerOf(marked.kind)(decode(marked.parts, seen) as never);
      seen.set(value, made);
      return made;
    }
    return unflattenError(
      marked.flat,
      (part) => decode(part, seen),
      (error) => seen.set(value, error),
    );
  }
  decodeProperties(value as Record<string, unknown>, seen);
  return value;
}

/** What has to be loaded before an encoded value can be decoded; `undefined`, most often: nothing. */
export function missingKinds(value: unknown): Promise<unknown> | undefined {
  const loads = new Set<Promise<unknown>>();
  const seen = new Set<object>();
  const look = (part: unknown): void => {
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part) || seen.has(part)) return;
    seen.add(part);
    if (part instanceof Map) for (const [k, v] of part) [k, v].forEach(look);
    else if (part instanceof Set || Array.isArray(part)) part.forEach(look);
    else if (Object.getPrototypeOf(part) === Object.prototype) {
      if ((part as Partial<Handle>)[MARK] === 'handle' && Object.hasOwn(part, MARK)) {
        const load = loadKind((part as Handle).kind);
        if (load !== undefined) loads.add(load);
      }
      Object.values(part).forEach(look);
    }
  };
  look(value);
  return loads.size === 0 ? undefined : Promise.all(loads);
}

function decodeProperties(value: Record<string, unknown>, seen: Map<object, unknown>): void {
  for (const key of Object.keys(value)) setOwn(value, key, decode(value[key], seen));
}

function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, configurable: true, enumerable: true, writable: true });
  else target[key] = value;
}

function describe(value: unknown): string {
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (typeof value === 'symbol') return value.toString();
  return Object.prototype.toString.call(value);
}

/** Says which part of a value cannot be cloned. `undefined`: all of it can. */
export function findUncloneable(value: unknown, path: string, depth = 0): string | undefined {
  try {
    clone(value);
    return undefined;
  } catch (error) {
    if (typeof value === 'object' && value !== null && depth < 8) {
      for (const key of Object.keys(value)) {
        const at = Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`;
        let part: unknown;
        try {
          part = (value as Record<string, unknown>)[key];
        } catch (thrown) {
          return `${at} cannot be read (${messageOf(thrown)})`;
        }
        const inner = findUncloneable(part, at, depth + 1);
        if (inner !== undefined) return inner;
      }
    }
    return `${path} is ${typeof value === 'object' ? describe(value) : `a ${describe(value)}`} (${messageOf(error)})`;
  }
}

function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    return 'what it throws cannot be told'; // it throws again
  }
}

/**
 * The error of a call whose arguments or result cannot travel. A fault of something of
 * ours is no fault of theirs, and stays what it is.
 */
export function notCloneable(
  what: string,
  values: readonly unknown[],
  label: (i: number) => string,
  cause: unknown,
): NotCloneableError | ResourceError {
  if (cause instanceof ResourceError) return cause;
  // A transport that cannot share memory says so by its name.
  const shared = !messageOf(cause).includes('SharedArrayBuffer');
  let found: string | undefined;
  try {
    for (const [i, value] of values.entries()) {
      const stays = handleThatStays(value, label(i), shared);
      if (stays !== undefined) return new NotCloneableError(`${what} cannot travel: ${stays}`, { cause });
    }
    found = values.map((v, i) => findUncloneable(v, label(i))).find((text) => text !== undefined);
  } catch {
    found = undefined; // a proxy throws at whoever looks into it: the cause says so
  }
  return new NotCloneableError(
    `${what} cannot travel: ${found ?? messageOf(cause)}. Structured clone carries plain data, typed arrays, Map, Set, Date, RegExp and errors; not functions, symbols or handles`,
    { cause },
  );
}

/**
 * An error, or a reason, that a call or a caller gave: encoded, so that it can travel in
 * any case. One that cannot is told by an error in its place.
 */
export function encodeFailure(error: unknown, what: string, carrier: Carrier = 'clone'): unknown {
  try {
    if (typeof error === 'function' || typeof error === 'symbol') throw new TypeError(`${describe(error)} could not be cloned`);
    const coded = encode(error, carrier);
    if (typeof error === 'object' && error !== null && !isMarked(coded, 'error')) mustTravel(coded, carrier);
    return coded;
  } catch (cause) {
    return encode(
      notCloneable(what, [error], () => 'it', cause),
      carrier,
    );
  }
}

/** Node 20 makes a channel for it at the first use and keeps that, and with it the context. */
const clone = (value: unknown): unknown => outside(() => structuredClone(value));
