import type { Parcel } from '../../core/index.js';
import type { Packed } from './packed.js';

/** Who is told when something about a line has changed. */
export interface LineEvents {
  /** There is something to take. */
  came(): void;
  /** There is room, after there was none. */
  room(): void;
  /** The other side is gone, or this line has been closed or has moved: nothing more comes beyond what waits. Once. */
  ended(): void;
}

/** What is under a connection: packed values there and back. The connection has the waiters, a line has the bytes. */
export interface Line {
  events: LineEvents;
  /** The largest message, in bytes. */
  readonly most: number;
  /** Whether it is in the thread where the pipe was made: what is told there of the other end is true at once. */
  readonly home?: boolean;
  /** It is about to be used: told before anything else is asked. What has arrived in vain must not have taken anything. */
  wake?(): void;
  /** Whether a message may be written. Whoever is told `false` hears of `room`. */
  readonly room: boolean;
  write(packed: Packed, size: number): void;
  /** How many messages can be taken now. */
  readonly waiting: number;
  /** The next one, which stays where it is. */
  peek(): Packed;
  take(): Packed;
  readonly ended: boolean;
  /** What ended it, if it was more than a close. */
  readonly error: Error | undefined;
  /** Ends it. @param discard Do not wait until what was written has left. */
  close(discard: boolean, done: () => void): void;
  /** How it travels; what cannot has no such method. Nothing changes before `leave`. */
  parcel?(): Parcel;
  /** It travels: what it has and what was sent is not this line's any more. */
  leave?(): void;
  /** Nobody has received it, or perhaps nobody. @param parcel As it left. @param surely Nobody can: else somebody might be about to tell. */
  strayed?(parcel: Parcel, surely: boolean): void;
}

/** Until a connection listens. */
export const deaf: LineEvents = { came() {}, room() {}, ended() {} };

/** About how many bytes a message that came has. */
export function sizeOf(packed: Packed): number {
  if (ArrayBuffer.isView(packed)) return packed.byteLength + 32;
  return typeof packed === 'string' ? 2 * packed.length + 32 : 64;
}
