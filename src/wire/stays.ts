import { travels } from '../core/index.js';
import { isTraveller } from './is-traveller.js';
import { findPart } from './parts-of.js';
import { isError } from './shape.js';

const { types } = process.getBuiltinModule('node:util');

/**
 * Which part of a value is a handle that cannot go where it was sent, and what to use instead; `undefined` if none is.
 *
 * @param shared Whether memory can be shared with that side.
 */
export function handleThatStays(value: unknown, path: string, shared: boolean): string | undefined {
  return findPart(value, path, (part, at) => {
    if (isError(part)) return []; // it goes without the part
    if (!shared && types.isSharedArrayBuffer(part))
      return `${at} is a SharedArrayBuffer, which only threads of one process can share: use SharedMemory`;
    if (!isTraveller(part)) return undefined;
    try {
      const { only, instead, parts } = part[travels]();
      if (only !== 'threads' || shared) return [[parts, at]];
      return `${at} is a ${part.constructor.name}, which only threads of one process can share${instead === undefined ? '' : `: ${instead}`}`;
    } catch (error) {
      return `${at} is ${(error as Error).message}`;
    }
  });
}
