import { NotCloneableError, travels } from '../core/index.js';
import { type FlatError, flattenError, unflattenError } from './error.js';
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
  else return refuseEmpty(value);
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

/** The value with a marked object for each part that structured clone would spoil. */
export function encode(value: unknown, copies: Map<object, unknown> = new Map()): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const copy = copies.get(value);
  if (copy !== undefined) return copy;
  if (value instanceof Error) {
    const marked = { [MARK]: 'error' } as unknown as { [MARK]: 'error'; flat: FlatError };
    copies.set(value, marked);
    marked.flat = flattenError(value, (part) => portion(part, copies));
    return marked;
  }
  if (Array.isArray(value)) {
    const out: unknown[] = [];
    copies.set(value, out);
    out.length = value.length;
    for (let i = 0; i < value.length; i++) if (i in value) out[i] = encode(value[i], copies); // a hole stays a hole
    return out;
  }
  const proto = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null && isTraveller(value)) {
    const { kind, parts } = value[travels]();
    const handle: Handle = { [MARK]: 'handle', kind, parts: undefined };
    copies.set(value, handle);
    handle.parts = encode(parts, copies);
    return handle;
  }
  if (value instanceof Map) {
    const out = new Map();
    copies.set(value, out);
    for (const [k, v] of value) out.set(encode(k, copies), encode(v, copies));
    return out;
  }
  if (value instanceof Set) {
    const out = new Set();
    copies.set(value, out);
    for (const item of value) out.add(encode(item, copies));
    return out;
  }
  if (proto !== Object.prototype && proto !== null && !(isInstance(value) && needsCode(value))) return value;
  const out: Record<string, unknown> = {};
  const marked: unknown = Object.hasOwn(value, MARK) ? { [MARK]: 'plain', value: out } : out;
  copies.set(value, marked);
  for (const [key, item] of Object.entries(value)) setOwn(out, key, encode(item, copies));
  return marked;
}

/** A part of an error: one that cannot travel is replaced by a description, for the error itself matters more. */
function portion(part: unknown, copies: Map<object, unknown>): unknown {
  const coded = encode(part, copies);
  if (typeof coded === 'function' || typeof coded === 'symbol') return { [MARK]: 'gone', what: describe(part) };
  if (typeof coded === 'object' && coded !== null && !(MARK in coded)) {
    try {
      structuredClone(coded);
    } catch {
      return { [MARK]: 'gone', what: describe(part) }; // the description says that it could not travel
    }
  }
  return coded;
}

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
    if (marked[MARK] === 'gone') return `[${marked.what}: could not travel]`;
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
    structuredClone(value);
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

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** The error of a call whose arguments or result cannot travel. */
export function notCloneable(what: string, values: readonly unknown[], label: (i: number) => string, cause: unknown): NotCloneableError {
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

/** A failure, encoded; one that cannot be read (a getter of it throws) is replaced by an error that says so. */
export function encodeFailure(error: unknown, name: string): unknown {
  try {
    return encode(error);
  } catch (cause) {
    return encode(new NotCloneableError(`The error of ${name} cannot travel: ${String((cause as Error | undefined)?.message)}`));
  }
}
