import { has, hasShape, inShort, isAnything, isCount, isFlag, isText, type Part, WireError } from '../../core/index.js';
import { isMethodName, MOST_METHODS } from './members.js';
import { Gave } from './messages.js';

/*
 * The answers of a host of objects, as who has asked reads them: the host is another process, and
 * may say anything.
 */

/** @throws {WireError} unless it is the answer to CREATE. */
export function madeIn(body: unknown): { id: string; className: string; methods: string[] } {
  if (!hasShape(body, [isText, isText, isText])) throw strange(body);
  const [id, className, names] = body as [string, string, string];
  let methods: unknown;
  try {
    methods = JSON.parse(names);
  } catch {
    throw strange(body); // it is no list of names
  }
  if (!areMethods(methods)) throw strange(body);
  return { id, className, methods };
}

/** Whether it is a list of names that methods of a managed object can have. */
const areMethods = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= MOST_METHODS && value.every((name) => isText(name) && isMethodName(name));

/** The answer of a call: a packed value, or the number of an iterator. @throws {WireError} */
export function gaveIn(body: unknown): { packed: unknown } | { stream: number } {
  if (hasShape(body, VALUE)) return { packed: body[1] };
  if (hasShape(body, STREAM)) return { stream: body[1] as number };
  throw strange(body);
}

const VALUE: readonly Part[] = [(what) => what === Gave.VALUE, isAnything];
const STREAM: readonly Part[] = [(what) => what === Gave.STREAM, isCount];

/** The packed value of a property. @throws {WireError} */
export function packedIn(body: unknown): unknown {
  const gave = gaveIn(body);
  if (has(gave, 'stream')) throw strange(body);
  return gave.packed;
}

/** The values of an iterator. @param most How many values were asked for. @throws {WireError} */
export function valuesIn(body: unknown, most: number): { done: boolean; values: unknown[] } {
  if (!Array.isArray(body) || !isFlag(body[0]) || body.length > most + 1) throw strange(body);
  return { done: body[0], values: body.slice(1) };
}

const strange = (body: unknown): WireError =>
  new WireError(`A host of objects answered ${inShort(body)}, which answers nothing that was asked`);
