import { mark } from './near-mark.js';

/*
 * A module that can be imported only where a mark has been set before: in the thread of the tests, and in no worker.
 */
if (!Object.hasOwn(globalThis, mark)) throw new RangeError('this module cannot be imported here');

const where = 'near';

export const onlyNear = (): string => where;
