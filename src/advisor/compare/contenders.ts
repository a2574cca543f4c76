import type { Point } from '../advice.js';
import { samePoint } from '../same-point.js';
import type { Contender } from './comparison.js';

const FEW = 16;
const MANY = 64;

/**
 * The ways to run so many inputs on so many cores: one at a time, the corners of the plane, a few points between them and the point that was advised. No
 * point is there twice, and none has room for more calls than there are inputs.
 */
export function contenders(inputs: number, cores: number, on: readonly Point['on'][], advised: Point | undefined): Contender[] {
  const points: Point[] = [
    { on: 'tasks', workers: 1, concurrency: FEW },
    { on: 'tasks', workers: 1, concurrency: MANY },
    { on: 'threads', workers: 1, concurrency: FEW },
    { on: 'threads', workers: cores, concurrency: 1 },
    { on: 'threads', workers: 2 * cores, concurrency: 1 },
    { on: 'threads', workers: cores, concurrency: 4 },
    { on: 'processes', workers: cores, concurrency: 1 },
  ];
  const best = advised && fitted(advised, inputs);
  const all = [...points, ...(best ? [best] : [])].filter((point) => on.includes(point.on)).map((point) => fitted(point, inputs));
  const unique = all.filter((point, at) => all.findIndex((other) => samePoint(point, other)) === at);
  return [
    { on: 'loop', workers: 1, concurrency: 1, label: 'one at a time', advised: false },
    ...unique.sort(byPlace).map((point) => ({ ...point, label: labelOf(point), advised: best !== undefined && samePoint(point, best) })),
  ];
}

/** No more workers than inputs, and no more calls in each than it can get. */
function fitted({ on, workers, concurrency }: Point, inputs: number): Point {
  const crew = Math.max(1, Math.min(workers, inputs));
  return { on, workers: crew, concurrency: Math.max(1, Math.min(concurrency, Math.ceil(inputs / crew))) };
}

const order: readonly Contender['on'][] = ['loop', 'tasks', 'threads', 'processes'];

/** From what takes least to what takes most: this thread, then threads, then processes; few workers, then many. */
export const byPlace = (a: Omit<Contender, 'label' | 'advised'>, b: Omit<Contender, 'label' | 'advised'>): number =>
  order.indexOf(a.on) - order.indexOf(b.on) || a.workers - b.workers || a.concurrency - b.concurrency;

/** `tasks, 16 at a time`, `2 threads`, `2 threads, 4 calls in each`. */
export function labelOf({ on, workers, concurrency }: Point): string {
  if (on === 'tasks') return `tasks, ${concurrency} at a time`;
  const crew = workers === 1 ? `1 ${on === 'threads' ? 'thread' : 'process'}` : `${workers} ${on}`;
  if (concurrency === 1) return crew;
  return workers === 1 ? `${crew}, ${concurrency} at a time` : `${crew}, ${concurrency} in each`;
}
