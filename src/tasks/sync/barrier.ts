import { mustBe, some, stays, travels } from '../../core/index.js';
import { currentScope } from '../current.js';
import { BrokenBarrierError } from '../errors.js';
import { type Awaitable, ready, refused, Wait } from '../wait.js';
import { Waiters } from '../waiters.js';

/**
 * A place where a number of tasks wait for each other: when the last of them has come all go on. It can be used again at once.
 *
 * Cancelling: `wait` is a cancellation point. Who is cut off has not come: the others wait for one more.
 *
 * @example
 * ```ts run
 * import { Barrier, gather } from 'meantime/tasks';
 *
 * const barrier = new Barrier(3);
 * await gather([() => barrier.wait(), () => barrier.wait(), () => barrier.wait()]); // => [0, 1, 2]
 * ```
 */
export class Barrier {
  readonly #parties: number;
  #broken = false;
  readonly #waiters = new Waiters();

  /**
   * @param parties How many wait for each other.
   * @throws {OptionError} unless it is a whole number from 1.
   */
  constructor(parties: number) {
    mustBe('Barrier', some, parties);
    this.#parties = parties;
  }

  /** How many wait for each other. */
  get parties(): number {
    return this.#parties;
  }

  /** How many have come and wait. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Whether it was aborted, and not reset since. */
  get broken(): boolean {
    return this.#broken;
  }

  /**
   * Waits until as many as there are parties have come.
   *
   * Cancelling: a cancellation point. Who is cut off has not come.
   *
   * @returns The place in the order of arrival, from 0; the one that came last has `parties - 1`. Each is given once.
   * @throws {BrokenBarrierError} code `MEANTIME_BROKEN_BARRIER`, if it is aborted, or is aborted or reset while this waits.
   */
  wait(): Awaitable<number> {
    const scope = currentScope();
    if (scope?.error !== undefined) return refused(scope.error);
    if (this.#broken) return refused(new BrokenBarrierError('wait() came to a barrier that was aborted. Expected a reset() before'));
    if (this.#waiters.size + 1 < this.#parties) {
      const wait = new Wait<number>('barrier', scope);
      this.#waiters.push(wait as Wait<unknown>);
      return wait.handle();
    }
    // The places are given now and not on arrival: of those who came some may have left.
    let place = 0;
    for (let first = this.#waiters.first; first !== undefined; first = this.#waiters.first) first.fulfil(place++);
    return ready(place);
  }

  /** Breaks it: for those who wait, and for those who come until it is reset. */
  abort(): void {
    this.#broken = true;
    this.#fail('aborted');
  }

  /** Breaks it for those who wait; for those who come it is as new. */
  reset(): void {
    this.#broken = false;
    this.#fail('reset');
  }

  #fail(what: string): void {
    for (let first = this.#waiters.first; first !== undefined; first = this.#waiters.first)
      first.fail(new BrokenBarrierError(`The barrier was ${what} while this waited for the others`));
  }

  /**
   * It cannot travel.
   *
   * @internal
   * @throws {NotCloneableError}
   */
  [travels](): never {
    return stays('a Barrier, which is for the tasks of one thread', 'between threads use SharedBarrier, between processes ProcessBarrier');
  }
}
