import { bare } from '../../core/index.js';
import { ConcurrencyControl } from './concurrency-control.js';
import type { Outcome } from './move.js';
import { WorkerControl, type WorkerWindow } from './worker-control.js';

/** A decision of {@link Steering}. */
export interface SteeringMove {
  readonly what: 'workers' | 'in flight';
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** Bounds of a number that is steered, and where it starts. */
export interface Range {
  readonly least?: number;
  readonly most?: number;
  readonly start?: number;
}

export interface SteeringOptions {
  /** The cores that may be used. */
  readonly cores: number;
  readonly workers?: Range;
  /** Over all workers together. */
  readonly inFlight?: Range;
  readonly onMove?: (move: SteeringMove) => void;
}

/** Loops that are busy for this share of the time are full. */
const FULL = 0.95;

/** What the workers did since the last `tick` that had a usage. */
export type Usage = Omit<WorkerWindow, 'at' | 'done'>;

/**
 * Steers workers and calls in flight together, so that only one of them moves at a time: while a number of workers is tried, what is in flight follows it and is not tried itself, and
 * workers are only taken away when nothing is being tried.
 *
 * Its owner calls `ended` and `running` as things happen and `tick` every 50 to 100 ms, and reads `workers` and `inFlight` after each. Times are ms on one clock.
 */
export class Steering {
  readonly #workers: WorkerControl;
  readonly #concurrency: ConcurrencyControl;
  readonly #onMove: ((move: SteeringMove) => void) | undefined;
  #done = 0;
  /** What there was before a number of workers was tried. */
  #before: { workers: number; inFlight: number } | undefined;

  constructor({ cores, workers = bare({}), inFlight = bare({}), onMove }: SteeringOptions) {
    this.#onMove = onMove;
    // A worker without a call would be one too many.
    const most = Math.min(workers.most ?? Number.POSITIVE_INFINITY, inFlight.most ?? Number.POSITIVE_INFINITY);
    const start = Math.max(workers.start ?? 1, workers.least ?? 1);
    this.#workers = new WorkerControl(
      bare({
        cores,
        ...workers,
        ...(most < Number.POSITIVE_INFINITY ? bare({ most }) : bare({})),
        onMove: (move) => onMove?.({ what: 'workers', ...move }),
      }),
    );
    this.#concurrency = new ConcurrencyControl(
      bare({
        ...inFlight,
        start: Math.max(inFlight.start ?? 2, Math.min(start, most)),
        // The consequences of workers that are only tried are told when they stay.
        onMove: (move) => {
          if (this.#before === undefined) onMove?.({ what: 'in flight', ...move });
        },
      }),
    );
  }

  /** Whether those who make the calls have no time left: more in flight would only wait. */
  set isFull(full: boolean) {
    this.#concurrency.mayRise = !full;
  }

  /** How many workers there should be. */
  get workers(): number {
    return this.#workers.workers;
  }

  /** How many calls may be in flight, over all workers together. */
  get inFlight(): number {
    return this.#concurrency.limit;
  }

  /**
   * `calls` calls ended.
   *
   * @param took How long each took, in ms.
   */
  ended(at: number, took: number, outcome: Outcome, calls = 1): void {
    if (calls > 0) this.#done += calls;
    this.#concurrency.ended(at, took, outcome, calls);
  }

  /** So many calls are in flight now, over all workers. */
  running(at: number, calls: number): void {
    this.#concurrency.inFlight(at, calls);
  }

  /** Time passes. With `usage` about every 100 ms if there are workers; without it as long as everything runs on this thread. */
  tick(at: number, usage?: Usage): void {
    if (usage !== undefined) {
      this.isFull = usage.busy >= FULL;
      this.#observe(at, usage);
    }
    if (this.#before !== undefined) this.#concurrency.disturb(at);
    else this.#concurrency.tick(at);
  }

  /** Never more workers than that, from now on. */
  bound(at: number, workers: number, reason: string): void {
    const before = this.workers;
    this.#workers.bound(at, workers, reason);
    if (this.workers < before) this.#put(at, Math.max(1, Math.round((this.#concurrency.held * this.workers) / before)), reason, true);
  }

  /** Its owner moved the work: to threads, to other workers, back. */
  moved(at: number, { workers, inFlight, reason }: { workers?: number; inFlight?: number; reason: string }): void {
    this.#before = undefined;
    if (workers !== undefined) this.#workers.reset(at, workers, reason);
    this.#concurrency.bound(at, bare({ least: this.workers }), reason);
    this.#concurrency.reset(at, inFlight ?? this.#concurrency.held, reason);
    this.#done = 0;
  }

  #observe(at: number, usage: Usage): void {
    const [workers, inFlight] = [this.#workers.workers, this.#concurrency.held];
    const now = this.#workers.observe(bare({ ...usage, at, done: this.#done }), !this.#concurrency.isTrying);
    this.#done = 0;
    if (now !== workers) {
      this.#before ??= { workers, inFlight };
      // More workers have as much to do each as the others; what fewer leave, the others take.
      const wanted = this.#before.inFlight * Math.max(1, now / this.#before.workers);
      this.#put(at, Math.max(now, Math.round(wanted)), '', true);
    }
    if (this.#before !== undefined && !this.#workers.isTrying) this.#settle(at, this.#before);
  }

  /** The number of workers is found, and how many calls each should have is looked for again, unless all is as it was. */
  #settle(at: number, { workers, inFlight }: { workers: number; inFlight: number }): void {
    const now = this.#workers.workers;
    const to = now === workers ? inFlight : this.#concurrency.held;
    const reason = `for ${now} workers`;
    this.#put(at, to, reason, now === workers);
    this.#before = undefined;
    const found = this.#concurrency.held;
    if (found !== inFlight) this.#onMove?.({ what: 'in flight', at, from: inFlight, to: found, reason });
  }

  #put(at: number, inFlight: number, reason: string, known: boolean): void {
    this.#concurrency.bound(at, bare({ least: this.workers }), reason);
    this.#concurrency.reset(at, inFlight, reason, known);
  }
}
