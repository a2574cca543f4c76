import { CODED, SETUP, ToPool } from '../wire/index.js';

/**
 * The fault in a message of a worker, as far as can be told from it alone: `undefined` if
 * nothing. The code of calls may reach the channel, so nothing is acted upon that is not of the
 * right shape. Whether its calls are out is for the seat to know.
 */
export function faultIn(message: unknown): string | undefined {
  if (!Array.isArray(message) || !isCount(message[0])) return saidInstead(message);
  return isRight(message[0] & ~CODED, message) ? undefined : saidInstead(message);
}

/** The message that came, in few words. */
export function saidInstead(message: unknown): string {
  const { inspect } = process.getBuiltinModule('node:util');
  const text = inspect(message, {
    depth: 1,
    maxArrayLength: 6,
    maxStringLength: 60,
    breakLength: Number.POSITIVE_INFINITY,
    getters: false,
  });
  return `it said ${text.length > 200 ? `${text.slice(0, 200)}…` : text}, which is no message that it could send`;
}

function isRight(kind: number, message: unknown[]): boolean {
  switch (kind) {
    case ToPool.RESULTS:
      return message.length % 2 === 0 && typeof message[1] === 'number' && message[1] >= 0;
    case ToPool.PART:
      return isCount(message[1]) && isCount(message[2]) && isList(message[3]) && isCount(message[4]);
    case ToPool.PART_FAILED:
      return isCount(message[1]) && isCount(message[2]) && message.length === 4;
    case ToPool.LOADING:
    case ToPool.STARTED:
      return isCount(message[1]) || (message[1] === SETUP && isCount(message[2]));
    case ToPool.BEGUN:
      return message[1] === -1 || isCount(message[1]);
    case ToPool.ITEMS:
      return isCount(message[1]) && Array.isArray(message[2]);
    case ToPool.READY:
    case ToPool.LISTENS:
      return message.length === 1;
    case ToPool.UNFIT:
      return message.length === 2;
    default:
      return false;
  }
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const isList = (value: unknown): boolean => Array.isArray(value) || value instanceof Float64Array;
