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
  #done = 0;

  constructor({ cores, workers = {}, inFlight = {}, onMove }: SteeringOptions) {
    const tell = (what: SteeringMove['what']) =>
      onMove === undefined ? {} : { onMove: (move: Omit<SteeringMove, 'what'>) => onMove({ what, ...move }) };
    this.#workers = new WorkerControl({ cores, ...workers, ...tell('workers') });
    this.#concurrency = new ConcurrencyControl({ ...inFlight, ...tell('in flight') });
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
      const before = this.#workers.workers;
      const after = this.#workers.observe({ ...usage, at, done: this.#done }, !this.#concurrency.isTrying);
      this.#done = 0;
      if (after !== before) this.#follow(at, before, after);
    }
    if (this.#workers.isTrying) this.#concurrency.disturb(at);
    else this.#concurrency.tick(at);
  }

  /** Never more workers than that, from now on. */
  bound(at: number, workers: number, reason: string): void {
    const before = this.workers;
    this.#workers.bound(at, workers, reason);
    if (this.workers !== before) this.#follow(at, before, this.workers);
  }

  /** Its owner moved the work: to threads, to other workers, back. */
  moved(at: number, { workers, inFlight, reason }: { workers?: number; inFlight?: number; reason: string }): void {
    if (workers !== undefined) this.#workers.reset(at, workers, reason);
    this.#concurrency.bound(at, { least: this.workers }, reason);
    this.#concurrency.reset(at, inFlight ?? this.#concurrency.limit, reason);
    this.#done = 0;
  }

  /** Keeps what is in flight for each worker. */
  #follow(at: number, before: number, after: number): void {
    const reason = `${after} workers`;
    const each = Math.max(1, this.#concurrency.limit / before);
    this.#concurrency.bound(at, { least: after }, reason);
    this.#concurrency.reset(at, Math.round(each * after), reason);
  }
}
