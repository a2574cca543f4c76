import { inShort, WireError } from '../../core/index.js';

/** The error that the other side said: if what came is none, that is one. */
export const anError = (came: unknown): Error =>
  came instanceof Error ? came : new WireError(`The other side was expected to say an error, and said ${inShort(came)}`);
