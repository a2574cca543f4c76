import { stays, travels } from '../../core/index.js';
import { currentScope } from '../current.js';
import { type Awaitable, ready, refused, Wait } from '../wait.js';
import { Waiters } from '../waiters.js';

/**
 * Something that has happened, or has not yet: many may wait until it is set.
 *
 * Cancelling: `wait` is a cancellation point.
 *
 * @example
 * ```ts run
 * import { Event, withTaskGroup } from 'meantime/tasks';
 *
 * const open = new Event();
 * const seen: string[] = [];
 * await withTaskGroup(async (group) => {
 *   for (const name of ['a', 'b']) {
 *     group.spawn(async () => {
 *       await open.wait();
 *       seen.push(`${name} came in`);
 *     });
 *   }
 *   seen.push('opening');
 *   open.set();
 * });
 * seen; // => ['opening', 'a came in', 'b came in']
 * ```
 */
export class Event {
  #isSet = false;
  readonly #waiters = new Waiters();

  /** Whether it is set. */
  get isSet(): boolean {
    return this.#isSet;
  }

  /** How many wait for it. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Lets all go on that wait, also if it is cleared in the same turn, and all that come until then. */
  set(): void {
    this.#isSet = true;
    for (let first = this.#waiters.first; first !== undefined; first = this.#waiters.first) first.fulfil(undefined);
  }

  /** From now on `wait` waits again. */
  clear(): void {
    this.#isSet = false;
  }

  /**
   * Waits until it is set; not at all if it is.
   *
   * Cancelling: a cancellation point.
   */
  wait(): Awaitable<void> {
    const scope = currentScope();
    if (scope?.error !== undefined) return refused(scope.error);
    if (this.#isSet) return ready(undefined);
    const wait = new Wait<void>('event', scope);
    this.#waiters.push(wait as Wait<unknown>);
    return wait.handle();
  }

  /**
   * It cannot travel.
   *
   * @internal
   * @throws {NotCloneableError}
   */
  [travels](): never {
    return stays('an Event, which is for the tasks of one thread', 'between threads use SharedEvent, between processes ProcessEvent');
  }
}
