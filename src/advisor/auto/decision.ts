import { listenHere, Probe } from '../../core/index.js';
import type { Point } from '../advice.js';

/** A move of an AutoExecutor, and why it was made. */
export interface Decision {
  /** Since the executor's first call, in ms. */
  readonly at: number;
  readonly from: Point;
  readonly to: Point;
  readonly reason: string;
}

/** How many of them are kept. */
const KEPT = 1000;

const probe = new Probe('advisor');

/** What an AutoExecutor has decided so far: kept, published on the channel `meantime:advisor`, and told to whoever asked for it. */
export class DecisionLog {
  readonly #kept: Decision[] = [];
  readonly #tell: ((decision: Decision) => void) | undefined;

  constructor(tell: ((decision: Decision) => void) | undefined) {
    this.#tell = tell && listenHere(tell); // nobody's call has failed, and what is being decided has to be done
  }

  /** The newest thousand, oldest first. */
  get all(): readonly Decision[] {
    return [...this.#kept];
  }

  add(decision: Decision): void {
    Object.freeze(decision);
    this.#kept.push(decision);
    if (this.#kept.length > KEPT) this.#kept.shift();
    if (probe.active) probe.publish({ what: 'decision', id: 0, ...decision, since: decision.at });
    this.#tell?.(decision);
  }
}

/**
 * A point in few words.
 *
 * @example
 * ```ts run
 * import { pointText } from 'meantime/advisor';
 *
 * pointText({ on: 'tasks', workers: 1, concurrency: 8 }); // => '8 in flight on this thread'
 * pointText({ on: 'threads', workers: 2, concurrency: 3 }); // => '2 threads x 3'
 * ```
 */
export function pointText({ on, workers, concurrency }: Point): string {
  if (on === 'tasks') return concurrency === 1 ? 'one at a time on this thread' : `${concurrency} in flight on this thread`;
  const one = on === 'threads' ? 'thread' : 'process';
  const name = workers === 1 ? one : on;
  return `${workers} ${name}${concurrency === 1 ? '' : ` x ${concurrency}`}`;
}
