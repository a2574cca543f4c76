import { clock, OptionError } from '../core/index.js';

/**
 * The time on the clock of deadlines, in ms: monotonic, with fractions, from an arbitrary start. It is `performance.now()`, unless a test has put another clock in force.
 *
 * @example
 * ```ts run
 * import { now, withDeadline } from 'meantime/tasks';
 *
 * await withDeadline(now() + 1000, () => 'in time'); // => 'in time'
 * ```
 */
export const now = (): number => clock.now();

/** A number this large is a date: as ms since the start of the process it would be thirty years away. */
const DATE = 1e12;

/** A duration, checked; in ms. */
export function duration(who: string, ms: unknown): number {
  if (typeof ms === 'number' && ms >= 0) return ms;
  throw new OptionError(
    `${who} expects a number of milliseconds, 0 or more, got ${typeof ms === 'string' ? JSON.stringify(ms) : String(ms)}`,
  );
}

/** A point in time, checked; in ms of `now()`. */
export function deadline(who: string, at: unknown): number {
  if (at instanceof Date && !Number.isNaN(at.getTime())) return clock.now() + (at.getTime() - clock.wall());
  if (typeof at === 'number' && !Number.isNaN(at) && (at < DATE || at === Number.POSITIVE_INFINITY)) return at;
  const hint = typeof at === 'number' && at >= DATE ? ': that looks like Date.now(); write new Date(…), or now() + ms' : '';
  throw new OptionError(`${who} expects a Date, or a time in ms of now(), got ${String(at)}${hint}`);
}
