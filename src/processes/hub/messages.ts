/*
 * Every message between a hub and those who reach it, on one screen. A frame is one flat array, four elements to a message: its kind, the channel, the request that it
 * belongs to (0: none), and a body: numbers, strings, booleans, null, undefined, flat arrays of these, and what `pack` gave.
 */

/** To the hub. */
export const ToHub = {
  /** [HELLO, pid, thread id, undefined]: who speaks. Once, first. */
  HELLO: 0,
  /** [OPEN, channel, service id, body]: from now on the channel leads to that service. */
  OPEN: 1,
  /** [ASK, channel, request, body]: is answered once, in any order, also if it is cancelled. */
  ASK: 2,
  /** [TELL, channel, 0, body] */
  TELL: 3,
  /** [CANCEL, channel, request, undefined]: nobody waits for the answer any more. It may be on its way. */
  CANCEL: 4,
  /** [CLOSE, channel, 0, undefined]: nothing more is said on it, by either side. */
  CLOSE: 5,
} as const;

/** From the hub. */
export const FromHub = {
  /** [ANSWER, channel, request, body] */
  ANSWER: 0,
  /** [FAIL, channel, request, a packed error, or undefined for one that was cancelled] */
  FAIL: 1,
  /** [TELL, channel, 0, body] */
  TELL: 2,
  /** [CLOSED, channel, 0, a packed error or undefined]: the service is gone, or has closed the channel. */
  CLOSED: 3,
} as const;

/** How a handle says where its object lives: the hub's path, its key, the object's number there. */
export type Where = readonly [path: string, key: Uint8Array, id: number];

/** The largest message to or from a hub, in bytes. */
export const MOST = 2 ** 30;
