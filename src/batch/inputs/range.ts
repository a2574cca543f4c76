import { InputError } from '../../core/index.js';
import type { Item } from '../item.js';
import { Source } from '../source.js';

const BATCH = 1024;

/**
 * The numbers from `first` to `last`, both included when the step hits them.
 *
 * Cancelling: as any source.
 *
 * @param step Default 1, or -1 if `last` is below `first`.
 * @throws {InputError} code `MEANTIME_INPUT`, for a step of 0, one that leads away from `last`, or what is not a finite number.
 *
 * @example
 * ```ts run
 * import { map, range } from 'meantime/batch';
 *
 * await map((n: number) => n * n, range(1, 9, 4), { on: 'tasks' }); // => [1, 25, 81]
 * ```
 */
export function range(first: number, last: number, step: number = last < first ? -1 : 1): Source<number> {
  const label = `${first}..${last}${Math.abs(step) === 1 ? '' : `:${step}`}`;
  for (const n of [first, last, step]) {
    if (!Number.isFinite(n)) throw new InputError(`The range ${label} needs finite numbers, got ${n}`);
  }
  if (step === 0) throw new InputError(`The range ${label} has a step of 0 and would never end`);
  if (Math.sign(last - first) * Math.sign(step) < 0) {
    throw new InputError(`The range ${label} never reaches its end: a step of ${step} leads away from ${last}`);
  }
  // By counting and not by adding up: 0.1 added ten times is not 1. The small allowance takes 0..1:0.1 to its end.
  const count = Math.floor((last - first) / step + 1e-9) + 1;
  return new Source<number>({
    kind: 'range',
    label,
    total: () => count,
    open() {
      let at = 0;
      return {
        read() {
          const size = Math.min(BATCH, count - at);
          const batch: Item<number>[] = new Array(size);
          for (let i = 0; i < size; i++) batch[i] = first + (at + i) * step;
          at += size;
          return batch;
        },
        close() {
          at = count;
        },
      };
    },
  });
}
