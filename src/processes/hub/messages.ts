import { ConnectionClosedError, inShort, isCount, isText, WireError } from '../../core/index.js';

/*
 * Every message between a hub and those who reach it, on one screen. A frame is one flat array, four elements to a message: its kind, the channel, the request that it
 * belongs to, and a body: numbers, strings, booleans, null, undefined, flat arrays of these, and what `pack` gave.
 */

/** To the hub. */
export const ToHub = {
  /** [HELLO, pid, thread id, undefined]: who speaks. Once, first. */
  HELLO: 0,
  /**
   * [OPEN, channel, service's id, body]: from now on the channel leads to that service. The id is
   * text, with its secret in it.
   */
  OPEN: 1,
  /** [ASK, channel, request, body]: is answered once, in any order, also if it is cancelled. */
  ASK: 2,
  /** [TELL, channel, kind, body]: what the kind (a small number) means is between the service and those who use it. */
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
  /** [TELL, channel, kind, body] */
  TELL: 2,
  /**
   * [CLOSED, channel, 0, a packed error or undefined]: the service is gone, or has closed the
   * channel. Of channel 0: why this connection is not served.
   */
  CLOSED: 3,
} as const;

/**
 * How a handle says where its object lives: the hub's path, its key, and the object's id there,
 * which opens that object and nothing else.
 */
export type Where = readonly [path: string, key: Uint8Array, id: string];

/**
 * A hub as text: what shares a connection. By its key, too, or a handle with a wrong one could
 * spoil the connection of others.
 */
export const hubOf = ([path, key]: Where): string => `${path}#${Buffer.from(key).toString('base64url')}`;

/** The same of an object: what shares a channel. */
export const objectOf = (where: Where): string => `${hubOf(where)}#${where[2]}`;

/** The error of an id that leads nowhere: the same one for what is gone and for a guess. */
export const nowhere = (): ConnectionClosedError =>
  new ConnectionClosedError(`What this handle stands for is gone from process ${process.pid}`);

/** The largest message to or from a hub, in bytes. */
export const MOST = 2 ** 30;

/**
 * The fault of the messages of a frame, if they have one.
 *
 * @param last The last of the kinds.
 * @param named The kind whose third element is text, if there is one: of all others it is a number.
 */
export function faultOf(items: readonly unknown[], last: number, named = -1): WireError | undefined {
  if (items.length % 4 !== 0) return new WireError(`A frame of ${items.length} elements came; messages have 4 each`);
  for (let i = 0; i < items.length; i += 4) {
    const kind = items[i];
    const third = items[i + 2];
    if (!(isCount(kind) && kind <= last && isCount(items[i + 1]) && (kind === named ? isText(third) : isCount(third))))
      return new WireError(`A message came that is not known here: ${inShort(items.slice(i, i + 4))}`);
  }
  return undefined;
}
