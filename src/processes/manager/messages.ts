/*
 * What is said between the handles of managed objects and the host that has them. Requests of the hub's, flat; `packed` is a value of the user's.
 *
 * A channel is opened with the secret of the manager, which is in the manager's own parcel, or
 * without: then it has only the objects whose handles arrive on it. An object is named by its id,
 * which nobody can guess.
 */

/** Requests. */
export const Ask = {
  /**
   * [CREATE, the class's reference as JSON (or, in this very thread, the class), packed arguments]
   * -> [object, name of the class, its methods as JSON]. For the manager alone.
   */
  CREATE: 0,
  /** [CALL, object, method, packed arguments] -> [VALUE, packed] or [STREAM, number of the iterator] */
  CALL: 1,
  /** [READ, object, property] -> [VALUE, packed] */
  READ: 2,
  /** [WRITE, object, property, packed] -> undefined */
  WRITE: 3,
  /** [NEXT, iterator, how many at most] -> [whether it has ended, packed, packed, …] */
  NEXT: 4,
  /** [OBJECTS] -> how many there are. For the manager alone. */
  OBJECTS: 5,
  /** [SHUTDOWN] -> undefined, once all objects are disposed of. For the manager alone. */
  SHUTDOWN: 6,
} as const;

/** What wants no answer. */
export const Tell = {
  /** [HOLD, object, ticket]: another handle, which came with that ticket. */
  HOLD: 0,
  /** [RELEASE, object]: one handle less. */
  RELEASE: 1,
  /** [TRAVELS, object, ticket]: a handle has left for somewhere. */
  TRAVELS: 2,
  /** [RETURN, iterator]: nobody wants more of it. */
  RETURN: 3,
} as const;

/** What a call gave. */
export const Gave = { VALUE: 0, STREAM: 1 } as const;

/** The largest arguments, result or value, in bytes. */
export const MOST = 2 ** 28;
