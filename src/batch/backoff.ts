import { finite, milliseconds, random, readOptions } from '../core/index.js';

/** How long to wait before a failed call runs again. Times are ms. */
export interface Backoff {
  /** Before the first further attempt. Default 200. */
  first?: number;
  /** Each wait is this many times the one before. Default 2. */
  factor?: number;
  /** No wait is longer. Default 30,000. */
  most?: number;
}

const table = { first: milliseconds, factor: finite, most: milliseconds };

/**
 * The wait before attempt `n + 1`, in ms, after `n` have failed. Half of it is left to chance: calls that failed together, because a
 * server was down, must not come back together.
 */
export function backoffAfter(backoff?: number | Backoff): (failures: number) => number {
  const options = typeof backoff === 'number' ? { first: backoff } : backoff;
  const { first = 200, factor = 2, most = 30_000 } = readOptions('backoff', options, table);
  return (failures) => Math.min(most, first * factor ** (failures - 1)) * (0.5 + random() / 2);
}
