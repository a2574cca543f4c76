import { inShort, isCount } from '../core/index.js';
import { CODED, SETUP, ToPool } from '../wire/index.js';

/**
 * The fault in a message of a worker, as far as can be told from it alone: `undefined` if nothing.
 * The code of calls may reach the channel, so nothing is acted upon that is not of the right shape,
 * and nothing is decoded either. Whether its calls are out is for the seat to know.
 *
 * @param most How many calls and broadcasts are out.
 */
export function faultIn(message: unknown, most: number): string | undefined {
  if (!Array.isArray(message)) return saidInstead(message);
  // The marks of a coded one are looked at by the decoding.
  const said: unknown = message[0] === CODED && message.length === 3 ? message[1] : message;
  return Array.isArray(said) && isRight(said[0], said, most) ? undefined : saidInstead(said);
}

/** The message that came, in few words. */
export const saidInstead = (message: unknown): string => `it said ${inShort(message)}, which is no message that it could send`;

function isRight(kind: unknown, message: unknown[], most: number): boolean {
  const { length } = message;
  switch (kind) {
    case ToPool.RESULTS:
      return length % 2 === 0 && length <= 2 + 2 * most && isTime(message[1]);
    case ToPool.PART:
      return length === 5 && isCount(message[1]) && isCount(message[2]) && isList(message[3]) && isCount(message[4]);
    case ToPool.PART_FAILED:
      return length === 4 && isCount(message[1]) && isCount(message[2]);
    case ToPool.LOADING:
    case ToPool.STARTED:
      return length === 2 ? isCount(message[1]) : length === 3 && message[1] === SETUP && isCount(message[2]);
    case ToPool.BEGUN:
      return length === 2 && (message[1] === -1 || isCount(message[1]));
    case ToPool.ITEMS:
      return length === 3 && isCount(message[1]) && Array.isArray(message[2]);
    case ToPool.READY:
    case ToPool.LISTENS:
      return length === 1;
    case ToPool.UNFIT:
      return length === 2;
    default:
      return false;
  }
}

/** Whether it is a time in ms: the answer to a chunk is one, too. */
export const isTime = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0;

/**
 * Whether it is a list of values. Memory that the worker shares could grow while it is looked at.
 */
const isList = (value: unknown): boolean =>
  Array.isArray(value) || (value instanceof Float64Array && !(value.buffer instanceof SharedArrayBuffer));
