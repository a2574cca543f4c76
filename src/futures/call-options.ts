import {
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
export const ownOptions = (...parts: readonly object[]): CallOptions => Object.freeze(Object.assign(Object.create(null), ...parts));

/** Checks the options of a call. @throws {OptionError} */
export const readCallOptions = (where: string, options?: CallOptions): CallOptions => readOptions(where, options, callTable);

/** Checks the options of a map. @throws {OptionError} */
export function readMapOptions(where: string, options?: MapOptions): MapOptions {
  const read = readOptions(where, options, mapTable);
  if (read.transfer) throw new OptionError(`${where}: "transfer" belongs to one call: what it names could move only once`);
  return read;
}
