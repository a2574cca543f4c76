import type { Item } from '../item.js';
import { Source } from '../source.js';

/**
 * Inputs that are at hand: an array, given in its order.
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
export function list<I>(inputs: readonly I[]): Source<I> {
  return new Source<I>({
    kind: 'list',
    label: inputs.length === 1 ? '1 given input' : `${inputs.length} given inputs`,
    total: () => inputs.length,
    open() {
      let rest: readonly Item<I>[] = inputs;
      return {
        read() {
          const batch = rest;
          rest = [];
          return batch;
        },
        close() {
          rest = [];
        },
      };
    },
  });
}
