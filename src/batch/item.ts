import type { InputError } from '../core/index.js';

/** A line or a record that could not be read as an input. It has an index like any other. */
export class Malformed {
  /** What is wrong, with file and line. */
  readonly error: InputError;
  /** What was there, as text. */
  readonly raw: string;

  constructor(error: InputError, raw: string) {
    this.error = error;
    this.raw = raw;
  }
}

/**
 * An input that was a promise, and has rejected: whatever the error is, and the promise in the
 * place of a text.
 */
export class RejectedInput extends Malformed {
  constructor(error: unknown, raw: unknown) {
    super(error as InputError, raw as string);
  }
}

/** What a source gives for each index. */
export type Item<I> = I | Malformed;

/**
 * How a run reads its inputs: in batches, since a promise for each of ten million numbers costs more than the numbers. One
 * `read` at a time.
 */
export interface Reader<I> {
  /** How many there are, if that is known from the start. */
  readonly count?: number | undefined;
  /** The next inputs, never none; an empty array is the end. */
  read(): readonly Item<I>[] | Promise<readonly Item<I>[]>;
  /** Gives back what it holds: a file, a stream, an iterator. Also called after a failure. */
  close(): void | Promise<void>;
}
