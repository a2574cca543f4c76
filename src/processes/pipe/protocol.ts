import type { Where } from '../hub/messages.js';

/*
 * What is said between a half of a pipe, where the pipe was made, and the end that has travelled: kinds of `tell`, and one request. A channel is opened with the number of the
 * journey that brought the end there.
 */

/** From the half to the end. */
export const ToEnd = {
  /** A packed message. */
  DATA: 0,
  /** Bytes of what this end has sent were taken: there is so much more room. */
  CREDIT: 1,
  /** First of all: the end is yours; so many bytes that it sent have not been taken. */
  YOURS: 2,
  /** The other end is gone. */
  END: 3,
} as const;

/** From the end to the half. */
export const FromEnd = {
  /** A packed message. */
  DATA: 0,
  /** So many messages have been taken. */
  TAKEN: 1,
  /** The end has gone on, on the next journey. */
  MOVED: 2,
  /** Nobody has received it on that journey, nor can. */
  STRAYED: 3,
  /** Perhaps nobody has. */
  DOUBTFUL: 4,
} as const;

/** The request that closes an end: answered when all that it sent has come. */
export const CLOSE = 0;

/** With this many bytes sent and not taken by the receiver, a sender waits. */
export const WINDOW = 1_048_576;

/** Where a half is, and the number of the journey. */
export type Ticket = readonly [...where: Where, journey: number];

export const KIND = 'processes/Connection';
