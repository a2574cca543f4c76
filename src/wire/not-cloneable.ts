import { NotCloneableError, outside, ResourceError } from '../core/index.js';
import { isError, shapeOf } from './shape.js';
import { handleThatStays } from './stays.js';

export function describe(value: unknown): string {
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (typeof value === 'symbol') return value.toString();
  return Object.prototype.toString.call(value);
}

export function messageOf(thrown: unknown): string {
  try {
    return typeof thrown === 'object' && thrown !== null && isError(thrown) ? String(thrown.message) : String(thrown);
  } catch {
    return 'what it throws cannot be told'; // it throws again
  }
}

/** So many levels down, and so many parts in all, are tried: it is only for a message. */
const [DEEPEST, MOST] = [8, 1000];

/**
 * Says which part of a value cannot be cloned. `undefined`: all of it can, or so many parts can
 * that no more are tried.
 */
export function findUncloneable(value: unknown, path: string): string | undefined {
  return find(value, path, 0, { parts: MOST, fine: new Set() });
}

function find(value: unknown, path: string, depth: number, left: { parts: number; fine: Set<unknown> }): string | undefined {
  if (left.fine.has(value) || left.parts <= 0) return undefined;
  let why: unknown;
  try {
    left.parts--;
    outside(() => structuredClone(value));
    left.fine.add(value);
    return undefined;
  } catch (error) {
    why = ourReason(value) ?? error;
  }
  if (typeof value === 'object' && value !== null && depth < DEEPEST) {
    for (const key of Object.keys(value)) {
      const at = Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`;
      let part: unknown;
      try {
        part = (value as Record<string, unknown>)[key];
      } catch (thrown) {
        return `${at} cannot be read (${messageOf(thrown)})`;
      }
      if (isPrimitive(part)) continue;
      const inner = find(part, at, depth + 1, left);
      if (inner !== undefined) return inner;
    }
  }
  return `${path} is ${typeof value === 'object' ? describe(value) : `a ${describe(value)}`} (${messageOf(why)})`;
}

/** The reason of ours says what to do; that of Node depends on its version. */
function ourReason(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    shapeOf(value);
    return undefined;
  } catch (error) {
    return error;
  }
}

const isPrimitive = (part: unknown): boolean =>
  part === null || (typeof part !== 'object' && typeof part !== 'function' && typeof part !== 'symbol');

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
