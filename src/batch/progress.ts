import { clock, type Timer } from '../core/index.js';

/** How far a run is. Times are ms, memory is bytes. */
export interface Progress {
  /** Inputs with an outcome in this run, failed ones included. */
  readonly done: number;
  readonly failed: number;
  /** Inputs that a run before this one has dealt with. */
  readonly skipped: number;
  /** All inputs, if known. */
  readonly total: number | undefined;
  /** Inputs per second, of late. */
  readonly rate: number;
  /** Until the end, if `total` is known, in ms. */
  readonly eta: number | undefined;
  /** Since the start, in ms. */
  readonly elapsed: number;
  /** Resident memory of this process and its threads, in bytes. */
  readonly memory: number;
  /** Where it runs now, on `auto`: `8 in flight on this thread`, `2 threads x 3`. */
  readonly point: string | undefined;
}

/** How far back the rate looks, in ms. */
const WINDOW = 10_000;

/** Counts outcomes and says at most every `every` ms how far the run is, whether timers get their turn or not. */
export class ProgressMeter {
  readonly #startedAt = clock.now();
  readonly #every: number;
  readonly #tell: ((progress: Progress) => void) | undefined;
  #toldAt: number;
  #done = 0;
  #failed = 0;
  #skipped = 0;
  total: number | undefined;
  /** Says where the run is on the plane, if it moves. */
  point: (() => string) | undefined;
  /** Where the count stood at moments of the last seconds, oldest first. */
  readonly #marks: { at: number; done: number }[] = [];

  constructor(every: number, tell: ((progress: Progress) => void) | undefined) {
    this.#every = every;
    this.#tell = tell;
    this.#toldAt = this.#startedAt;
    this.#marks.push({ at: this.#startedAt, done: 0 });
  }

  /** Tells also while no outcome comes, until it is cancelled. */
  start(): Timer {
    let timer: Timer | undefined;
    const next = () => {
      timer = clock.after(
        this.#every,
        () => {
          this.tick();
          next();
        },
        true,
      );
    };
    if (this.#tell !== undefined && this.#every !== Number.POSITIVE_INFINITY) next();
    return { cancel: () => timer?.cancel() };
  }

  count(failed: boolean): void {
    this.#done++;
    if (failed) this.#failed++;
    this.tick();
  }

  skip(): void {
    this.#skipped++;
  }

  /** Tells if it is time to. */
  tick(): void {
    if (this.#tell === undefined) return;
    const now = clock.now();
    if (now - this.#toldAt < this.#every) return;
    this.#toldAt = now;
    this.#tell(this.now());
  }

  now(): Progress {
    const at = clock.now();
    const marks = this.#marks;
    if (at - marks[marks.length - 1].at > WINDOW / 20) marks.push({ at, done: this.#done });
    while (marks.length > 2 && at - marks[1].at > WINDOW) marks.shift();
    const span = at - marks[0].at;
    const rate = span > 0 ? ((this.#done - marks[0].done) * 1000) / span : 0;
    const left = this.total === undefined ? undefined : this.total - this.#done - this.#skipped;
    return Object.freeze({
      done: this.#done,
      failed: this.#failed,
      skipped: this.#skipped,
      total: this.total,
      rate,
      eta: left === undefined || rate === 0 ? undefined : Math.max(0, (left * 1000) / rate),
      elapsed: at - this.#startedAt,
      memory: process.memoryUsage.rss(),
      point: this.point?.(),
    });
  }
}
