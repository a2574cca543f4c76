import type { Group } from '../group.js';
import { spawnPlaces, TaskScope } from '../task.js';

/** How a task has ended. */
export type End = 'fulfilled' | 'rejected' | 'cancelled';

/** A group of the functions that one call was given. */
export interface Combination extends Group {
  /** One of them has ended, everything inside it included. */
  partEnded(part: Part, end: End, value: unknown): void;
  /** It is out of the tree: a cancellation of the others does not touch its signal any more. */
  partLeft(part: Part): void;
}

const nowhere = (): void => undefined;

/** One of the functions, as a task. */
export class Part extends TaskScope {
  readonly index: number;
  readonly #of: Combination;

  /** @param spawnedAt Of the call that combines: under a concurrency a part may begin from anywhere. */
  constructor(of: Combination, fn: () => unknown, index: number, spawnedAt: string | undefined) {
    super(of, fn, [], nowhere);
    this.#of = of;
    this.index = index;
    if (spawnedAt !== undefined) spawnPlaces.set(this, spawnedAt);
    this.spawn();
  }

  override finish(end: End, value: unknown, seen = false): void {
    this.#of.partEnded(this, end, value);
    super.finish(end, value, seen);
    this.#of.partLeft(this);
  }
}
