/*
 * What crosses between a handle and its broker. A message is flat and holds all that one turn had to say, as entries of a fixed length:
 *
 * - to the broker: what, the number of the ask, a number that goes with it, data. What is an operation of the kind of object (0 and up), or one of `ToBroker`.
 * - to the handle: what (one of `ToHandle`), the number of the ask, a value.
 */

/** Entries to the broker that are the same for every kind; operations are 0 and up. */
export const ToBroker = {
  /** The ask is not wanted any more. Answered with `CANCELLED`, always. */
  CANCEL: -1,
  /** The same, but it is answered as it will be. */
  INTERRUPT: -2,
  /** What the ask holds is given back. */
  RELEASE: -3,
  /** Something that needs no answer: the number that goes with it says what, the ask's is of what is held, or 0. */
  TELL: -4,
} as const;

/**
 * Entries to the handle. CANCELLED comes last, and says whether what had been done before it came
 * was taken back.
 */
export const ToHandle = { GIVEN: 0, HELD: 1, REFUSED: 2, CANCELLED: 3 } as const;

/** Fields of an entry. */
export const [TO_BROKER_FIELDS, TO_HANDLE_FIELDS] = [4, 3] as const;
