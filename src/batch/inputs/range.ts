import { bare, InputError } from '../../core/index.js';
import type { Item } from '../item.js';
import { Source } from '../source.js';

const BATCH = 1024;
/** Beyond it not every whole number can be told from the next one. */
const MOST = Number.MAX_SAFE_INTEGER;

/**
 * The numbers from `first` to `last`, both included when the step hits them. Decimal fractions are
 * counted as such: the fourth number of 0, 0.1 and so on is 0.3.
 *
 * Cancelling: as any source.
 *
 * @param step Default 1, or -1 if `last` is below `first`.
 * @throws {InputError} code `MEANTIME_INPUT`, for a step of 0, one that leads away from `last`,
 * what is not a finite number, and numbers beyond `Number.MAX_SAFE_INTEGER`, where some would be
 * missing and others there twice.
 *
 * @example
 * ```ts run
 * import { map, range } from 'meantime/batch';
 *
 * await map((n: number) => n * n, range(1, 9, 4), { on: 'tasks' }); // => [1, 25, 81]
 * ```
 */
export function range(first: number, last: number, step: number = last < first ? -1 : 1): Source<number> {
  const label = `${first}..${last}${step === 1 || step === -1 ? '' : `:${step}`}`;
  for (const n of [first, last, step]) {
    if (!Number.isFinite(n)) throw new InputError(`The range ${label} needs finite numbers, got ${n}`);
    if (Math.abs(n) > MOST)
      throw new InputError(`The range ${label} needs numbers up to ${MOST}, got ${n}: beyond, whole numbers are rounded`);
  }
  if (step === 0) throw new InputError(`The range ${label} has a step of 0 and would never end`);
  if (Math.sign(last - first) * Math.sign(step) < 0) {
    throw new InputError(`The range ${label} never reaches its end: a step of ${step} leads away from ${last}`);
  }
  const { count, at } = exact(first, last, step) ?? rounded(first, last, step);
  // The last step is where it would be lost first.
  if (count > MOST || (count > 1 && at(count - 1) === at(count - 2))) {
    throw new InputError(`The range ${label} has a step that is too small for its numbers: some would be the same`);
  }
  return new Source<number>(
    bare({
      kind: 'range',
      label,
      total: () => count,
      open() {
        let done = 0;
        return bare({
          read() {
            const size = Math.min(BATCH, count - done);
            const batch: Item<number>[] = new Array(size);
            for (let i = 0; i < size; i++) batch[i] = at(done + i);
            done += size;
            return batch;
          },
          close() {
            done = count;
          },
        });
      },
    }),
  );
}

interface Numbers {
  readonly count: number;
  at(i: number): number;
}

/**
 * Counts in whole multiples of a power of ten, if all of them are held exactly: 0.1 has no exact
 * double, and 1/10 gives the nearest.
 */
function exact(first: number, last: number, step: number): Numbers | undefined {
  const scale = 10 ** Math.max(...[first, last, step].map(decimals));
  const [a, b, by] = [first, last, step].map((n) => Math.round(n * scale));
  if (a / scale !== first || b / scale !== last || by / scale !== step) return undefined;
  if (scale > 1e22 || Math.max(Math.abs(a), Math.abs(b), Math.abs(by)) > MOST || Math.abs(b - a) > MOST) return undefined;
  return { count: Math.floor((b - a) / by) + 1, at: (i) => (a + i * by) / scale };
}

/**
 * By counting and not by adding up. The small allowance is for an end that is hit but for rounding.
 */
function rounded(first: number, last: number, step: number): Numbers {
  return { count: Math.floor((last - first) / step + 1e-9) + 1, at: (i) => first + i * step };
}

/** How many digits a number has behind its point when it is written down. */
function decimals(n: number): number {
  const [, fraction = '', exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(n)) as RegExpExecArray;
  return Math.max(0, fraction.length - Number(exponent));
}
