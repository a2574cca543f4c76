import {
  bare,
  either,
  finite,
  list,
  milliseconds,
  OptionError,
  type OptionTable,
  oneOf,
  readOptions,
  signal,
  text,
  whole,
} from '../core/index.js';
import type { CallOptions, MapOptions } from './executor.js';

const callTable: OptionTable = {
  signal,
  timeout: milliseconds,
  deadline: milliseconds,
  priority: finite,
  transfer: list,
  retries: whole(0, Number.POSITIVE_INFINITY),
  name: text,
};

const mapTable: OptionTable = {
  ...callTable,
  ordered: oneOf(true, false),
  chunk: either(whole(1), oneOf('auto')),
  buffer: whole(1, Number.MAX_SAFE_INTEGER), // never Infinity: memory stays bounded
  onError: oneOf('throw', 'settle'),
};

/** One object of several, without a prototype: what a polluted `Object.prototype` offers is no option. */
export const ownOptions = (...parts: readonly object[]): CallOptions => Object.freeze(Object.assign(bare({}), ...parts));

/** The options of a call, checked, on top of those it has already. @throws {OptionError} */
export function readCallOptions(where: string, options?: CallOptions, base: CallOptions = ownOptions()): CallOptions {
  const read = ownOptions(base, readOptions(where, options, callTable));
  // The same on every kind of executor: what runs in tasks today may run in threads tomorrow.
  if ((read.retries ?? 0) > 0 && (read.transfer?.length ?? 0) > 0) {
    throw new OptionError(
      `${where}: "transfer" and "retries" exclude each other: what has been moved is not there for a second try. Leave "transfer" out, so that it is copied, or retry around what makes it`,
    );
  }
  return read;
}

/**
 * The options of a map, checked, on top of those of the executor it runs on. @throws {OptionError}
 */
export function readMapOptions(where: string, options?: MapOptions, base: CallOptions = ownOptions()): MapOptions {
  const read: MapOptions = ownOptions(base, readOptions(where, options, mapTable));
  if (read.transfer) throw new OptionError(`${where}: "transfer" belongs to one call: what it names could move only once`);
  return read;
}
