import { outside } from '../core/index.js';
import type { AnyFunction } from './function-ref.js';

/**
 * The variables from around a function that it writes to, by its own text. Loaded when it is needed: it takes the parser.
 *
 * Cancelling: it waits for the parser to be loaded.
 */
export async function outerWrites(fn: AnyFunction): Promise<string[]> {
  const { findOuterWrites } = await outside(() => import('./find-outer-writes.js'));
  return await findOuterWrites(fn);
}
