import { bare } from '../../core/index.js';
import type { Advice, Point } from '../advice.js';
import type { Machine } from '../machine.js';
import { speedup } from '../recommend.js';
import { samePoint } from '../same-point.js';
import type { Contender } from './comparison.js';

/**
 * What the advice foresees for a way of running so many inputs, as a speed-up. Of points that it does not name, by the same model, which does not know what it costs to copy what
 * travels: where the advice is below the model for that, no point of the kind is foreseen to be above it.
 *
 * @returns `undefined` for one at a time, and if nothing was measured.
 */
export function foresee(advice: Advice | undefined, inputs: number, machine: Machine): (contender: Contender) => number | undefined {
  if (advice === undefined || advice.calls === 0) return () => undefined;
  const { predictions } = advice;
  const modelled = (point: Point): number => speedup(point, bare(advice), machine);
  return ({ on, workers, concurrency }) => {
    if (on === 'loop') return undefined;
    const point: Point = { on, workers, concurrency };
    const named = predictions.find((each) => each.on === on);
    const exact = predictions.find((each) => samePoint(each, point));
    const ceiling = named === undefined || named.speedup > 0.99 * modelled(named) ? Number.POSITIVE_INFINITY : named.speedup;
    // The last calls of few inputs leave slots empty.
    const most = inputs / Math.ceil(inputs / (workers * concurrency));
    return Math.min(most, exact?.speedup ?? Math.min(ceiling, modelled(point)));
  };
}
