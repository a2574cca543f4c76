import { clock } from '../core/index.js';
import { type Alarm, alarms } from './alarms.js';
import { currentScope } from './current.js';
import { duration } from './deadline.js';
import type { Scope } from './scope.js';
import { type Awaitable, refused, Wait } from './wait.js';

class Sleep extends Wait<void> implements Alarm {
  at = 0;
  order = 0;
  place = -1;

  constructor(scope: Scope | undefined, at: number) {
    super('sleep', scope);
    alarms.set(this, at);
  }

  ring(): void {
    this.fulfil();
  }

  override cut(error?: Error): void {
    alarms.clear(this);
    super.cut(error);
  }
}

/**
 * Waits `ms` milliseconds and lets others run. `sleep(0)` only lets them run. Sleeps that end at the same time end in the order in which they began.
 *
 * Cancelling: a cancellation point.
 *
 * @throws {OptionError} if `ms` is negative or NaN. `Infinity` sleeps until it is cancelled.
 *
 * @example
 * ```ts run
 * import { now, sleep } from 'meantime/tasks';
 *
 * const began = now();
 * await sleep(5);
 * now() - began >= 5; // => true
 * ```
 */
export function sleep(ms: number): Awaitable<void> {
  duration('sleep', ms);
  const scope = currentScope();
  if (scope?.error !== undefined) return refused(scope.error);
  if (ms === 0) return checkpoint();
  return (ms === Number.POSITIVE_INFINITY ? new Wait<void>('sleep', scope) : new Sleep(scope, clock.now() + ms)).handle();
}

/**
 * Lets everything that is ready run first. For a loop that computes: without it nobody else runs, and nothing can cancel it.
 *
 * Cancelling: a cancellation point.
 *
 * @example
 * ```ts run
 * import { checkpoint, withTaskGroup } from 'meantime/tasks';
 *
 * const order: string[] = [];
 * await withTaskGroup((group) => {
 *   for (const name of ['a', 'b']) {
 *     group.spawn(async () => {
 *       for (let i = 0; i < 2; i++) {
 *         order.push(`${name}${i}`);
 *         await checkpoint();
 *       }
 *     });
 *   }
 * });
 * order; // => ['a0', 'b0', 'a1', 'b1']
 * ```
 */
export function checkpoint(): Awaitable<void> {
  const scope = currentScope();
  if (scope?.error !== undefined) return refused(scope.error);
  const wait = new Wait<void>('turn', undefined);
  wait.fulfil();
  return wait.handle();
}
