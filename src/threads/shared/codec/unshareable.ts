import { findPart, isError, isTraveller } from '../../../wire/index.js';

const { types } = process.getBuiltinModule('node:util');

/**
 * Which part of a value is shared memory, or stands for something: that does not go through bytes.
 * `undefined`: none does. Of an error only such a part stays behind.
 */
export function unshareable(value: unknown, path: string): string | undefined {
  return findPart(value, path, (part, at) => {
    if (isError(part)) return [];
    if (ArrayBuffer.isView(part))
      return types.isSharedArrayBuffer(part.buffer) ? `${at} is a view of a SharedArrayBuffer, which is not copied` : [];
    if (types.isSharedArrayBuffer(part)) return `${at} is a SharedArrayBuffer, which is not copied`;
    return isTraveller(part) ? `${at} is a ${part.constructor.name}, which is not its bytes` : undefined;
  });
}
