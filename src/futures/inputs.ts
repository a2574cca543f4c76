import { inherits, membersOf, OptionError } from '../core/index.js';
import { isFuture } from './future.js';

/*
 * Inputs may be promises, in whatever they come. Each is waited for in its turn, as `for await`
 * would; the function gets its value. One that rejects is the failure of that input, at its index,
 * and the function is not called for it.
 */

/** Whether an input has to be waited for. */
export const isThenable = (input: unknown): input is PromiseLike<unknown> =>
  typeof input === 'object' && input !== null && typeof (input as { then?: unknown }).then === 'function';

/** @throws {OptionError} with what was given instead of inputs. */
export function mustBeInputs(who: string, inputs: unknown): void {
  if (typeof inputs === 'string') return;
  if (typeof inputs === 'object' && inputs !== null && (Symbol.iterator in inputs || Symbol.asyncIterator in inputs)) return;
  throw new OptionError(`${who} expects inputs that can be iterated, got ${String(inputs)}`);
}

/**
 * A promise among inputs that are at hand may reject before its turn comes: that is told then, and
 * is nobody's oversight.
 */
export function mindPromises(inputs: unknown): void {
  if (!Array.isArray(inputs) && !(inputs instanceof Set)) return;
  const list: readonly unknown[] = Array.isArray(inputs) ? inputs : membersOf(inputs);
  for (let i = 0; i < list.length; i++) {
    const input = list[i];
    if (typeof input !== 'object' || input === null || Object.getPrototypeOf(input) === Object.prototype) continue;
    // Others are left alone until then: some begin when they are looked at.
    if (inherits(input, Promise.prototype) || isFuture(input)) (input as Promise<unknown>).then(undefined, ignore);
  }
}

function ignore(): void {}
