import { bare } from '../../core/index.js';
import { mindPromises } from '../../futures/index.js';
import { awaitedReader } from '../awaited-reader.js';
import type { Item } from '../item.js';
import { Source } from '../source.js';

/**
 * Inputs that are at hand: an array, given in its order. Promises among them are waited for, each
 * in its turn.
 *
 * Cancelling: as any source.
 *
 * @example
 * ```ts run
 * import { list } from 'meantime/batch';
 *
 * list(['a', 'b']).label; // => '2 given inputs'
 * ```
 */
export function list<I>(inputs: readonly (I | PromiseLike<I>)[]): Source<I> {
  mindPromises(inputs);
  return new Source<I>(
    bare({
      kind: 'list',
      label: inputs.length === 1 ? '1 given input' : `${inputs.length} given inputs`,
      total: () => inputs.length,
      open() {
        let rest = inputs as readonly Item<I>[];
        return awaitedReader(
          bare({
            read() {
              const batch = rest;
              rest = [];
              return batch;
            },
            close() {
              rest = [];
            },
          }),
        );
      },
    }),
  );
}
