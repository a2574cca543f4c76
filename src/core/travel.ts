import { NotCloneableError } from './errors.js';

/** What goes over in the place of an object that is more than its data: a lock, a queue, the end of a pipe. */
export interface Parcel {
  /** The room that makes it again, and the name there: `threads/SharedLock`. */
  readonly kind: string;
  /** What it is made of, over there: what structured clone carries, and other such objects. */
  readonly parts: unknown;
  /** Where alone it can go, if not everywhere. */
  readonly only?: 'threads' | 'processes';
  /** For where it cannot go: what to use there. */
  readonly instead?: string;
  /** For what is in one place at a time: told when it has gone. */
  readonly leaving?: Leaving;
}

/**
 * Things that leave in a value, once that has been written: a value that turns out not to be able
 * to travel must not have taken them along.
 */
export interface Leaving {
  /** @returns `false` if it has left in something else meanwhile, or was closed. */
  leave(): boolean;
  /**
   * The message it left in is lost, perhaps unread. @param surely The side that had it can no
   * longer tell that it was read.
   */
  strayed(surely: boolean): void;
}

/** The message has been taken: the things that are in it leave. @returns Those that did, if any. */
export function letLeave(leaving: readonly Leaving[] | undefined): Leaving[] | undefined {
  if (leaving === undefined || leaving.length === 0) return undefined;
  const gone = leaving.filter((each) => each.leave());
  return gone.length === 0 ? undefined : gone;
}

/** The method by which an object says how it travels. By the registry, so that two copies of this package agree. */
export const travels: unique symbol = Symbol.for('meantime.travels') as never;

/** The method by which an object hears that it did not arrive: whoever it was sent to has ended before, or what it was sent in cannot travel. */
export const strayed: unique symbol = Symbol.for('meantime.strayed') as never;

/** An object that arrives in another thread or process as itself. */
export interface Traveller {
  /** @throws {NotCloneableError} if it cannot travel at all: with what to use instead. */
  [travels](): Parcel;
  /** For what is in one place at a time. Told also when it did arrive, and was lost there. */
  [strayed]?(): void;
}

/** What the method of an object does that is of use in one thread only. @throws {NotCloneableError} */
export function stays(what: string, instead: string): never {
  throw new NotCloneableError(`${what}: ${instead}`);
}
