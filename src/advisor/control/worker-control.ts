import type { Measured } from './leg.js';
import { change, type Move } from './move.js';
import { Search } from './search.js';

/** What the workers did since the observation before, as whoever owns them sees it. About one in 100 ms. */
export interface WorkerWindow {
  /** Now, in ms. */
  readonly at: number;
  /** How many workers are up. */
  readonly workers: number;
  /** How much of the time their loops were busy, on average: from 0 to 1. */
  readonly busy: number;
  /** Processor time of all their threads, in ms of processor a ms: 2 are two whole cores. `undefined` where it is not known. */
  readonly cpu?: number | undefined;
  /** How many calls wait for a worker now. */
  readonly queued: number;
  /** How many calls ended in the window. */
  readonly done: number;
  /** How much of a core a thread that only computes would get, from 0 to 1: less than 1 if others use the machine. Default 1. */
  readonly available?: number | undefined;
}

export interface WorkerControlOptions {
  /** The cores that may be used. */
  readonly cores: number;
  /** Never fewer. Default 1. */
  readonly least?: number;
  /** Never more. Default 32, or the cores if they are more. */
  readonly most?: number;
  /** Default 1. */
  readonly start?: number;
  readonly onMove?: (move: Move) => void;
}

/** Workers whose loops are busy for this share of the time have no room left. */
const SATURATED = 0.85;
/** What workers that have too little to do should be busy for. */
const COMFORTABLE = 0.75;
const VOTES = 3;
/** A step down is at most a quarter. */
const GENTLE = 0.75;
/** A number of workers is measured until so many calls have ended, or so long. */
const ENOUGH = 8;
const LONGEST = 800;
/** How long a search that found nothing better is believed, in ms. */
const BELIEVED = { first: 2000, most: 20_000 };
/** The share of computing, or throughput, that changed so much is other work. */
const OTHER = { share: 0.25, factor: 1.5 };
const FEW_CALLS = 4;

/** The kind of work, as seen from outside. */
interface Seen {
  /** Of a worker's busy time, the share that it computes. */
  readonly computing: number;
  readonly rate: number;
}

/** Finds how many workers there should be: so many as have something to do and add to what is done. Without timers and without a clock. How it works stands in README.md beside it. */
export class WorkerControl {
  readonly #cores: number;
  readonly #least: number;
  #most: number;
  readonly #onMove: ((move: Move) => void) | undefined;
  #held: number;
  #wanted: number;
  #search: Search | undefined;
  /** Windows with the wanted number of workers. The first is not counted: part of it was before. */
  #windows = 0;
  #since = 0;
  #done = 0;
  #cpu = 0;
  #busy = 0;
  #last = Number.NaN;
  #idleVotes = 0;
  #cpuVotes = 0;
  #crowdVotes = 0;
  #believed = 0;
  #believe = BELIEVED.first;
  #seen: Seen | undefined;

  constructor({ cores, least = 1, most = Math.max(32, cores), start = 1, onMove }: WorkerControlOptions) {
    this.#cores = Math.max(1, cores);
    this.#least = Math.max(1, Math.floor(least));
    this.#most = Math.max(this.#least, Math.floor(most));
    this.#held = this.#wanted = this.#within(start);
    this.#onMove = onMove;
  }

  /** How many there should be. */
  get workers(): number {
    return this.#wanted;
  }

  /** Whether a number is being tried. */
  get isTrying(): boolean {
    return this.#search !== undefined;
  }

  /** The owner knows better. */
  reset(at: number, workers: number, reason: string): void {
    this.#search = undefined;
    this.#seen = undefined;
    this.#believed = at;
    this.#want(at, this.#within(workers), reason);
    this.#held = this.#wanted;
  }

  /** Never more than that from now on; more than that become fewer at once. */
  bound(at: number, most: number, reason: string): void {
    this.#most = Math.max(this.#least, Math.floor(most));
    if (this.#wanted > this.#most) this.reset(at, this.#most, reason);
  }

  /**
   * Takes a window and gives the number of workers that should be.
   *
   * @param calm Whether nothing else is being tried. If not, only more workers are asked for, as calls wait for them.
   */
  observe(window: WorkerWindow, calm = true): number {
    const { at, workers, done } = window;
    const ms = at - this.#last;
    this.#last = at;
    if (!(ms > 0) || workers !== this.#wanted) {
      this.#forget();
      return this.#wanted;
    }
    this.#windows++;
    if (this.#windows === 1) {
      this.#since = at;
      return this.#wanted;
    }
    this.#done += done;
    this.#cpu += (window.cpu ?? 0) * ms;
    this.#busy += window.busy * ms;
    const search = this.#search;
    if (search !== undefined) this.#searching(window, search);
    else this.#holding(window, calm);
    return this.#wanted;
  }

  #within(workers: number): number {
    return workers >= this.#least ? Math.min(Math.floor(workers), this.#most) : this.#least;
  }

  #forget(): void {
    this.#windows = this.#done = this.#cpu = this.#busy = 0;
    this.#idleVotes = this.#cpuVotes = this.#crowdVotes = 0;
  }

  #want(at: number, to: number, reason: string): void {
    const from = this.#wanted;
    if (to === from) return;
    this.#wanted = to;
    this.#forget();
    this.#onMove?.({ at, from, to, reason });
  }

  #measured({ at, cpu }: WorkerWindow): Measured {
    const ms = at - this.#since;
    // Calls that take long end too seldom to be counted, but if they compute, what they use is progress too.
    const few = this.#done < ENOUGH && cpu !== undefined && this.#cpu > 0.8 * this.#busy;
    const rate = few ? this.#cpu / ms : this.#done / ms;
    return { limit: this.#wanted, rate, reports: Math.max(1, this.#done), took: 0, scatter: 0, filled: true };
  }

  #isEnough(at: number): boolean {
    return this.#done >= Math.max(ENOUGH, this.#wanted) || at - this.#since >= LONGEST;
  }

  #searching(window: WorkerWindow, search: Search): void {
    const { at } = window;
    if (window.queued === 0 && window.busy < SATURATED) {
      // There is no more than they can do: nothing to be learned.
      this.#endSearch(at, search, 'no calls wait any more');
      return;
    }
    if (!this.#isEnough(at)) return;
    const there = this.#measured(window);
    const before = search.best;
    const better =
      this.#done < FEW_CALLS && there.limit > before.limit
        ? search.saw({ ...there, rate: (before.rate * there.limit) / before.limit })
        : search.saw(there);
    const words = this.#done < FEW_CALLS ? 'calls are too long to count' : `${change(there.rate / before.rate)} calls a second`;
    this.#ask(
      window,
      search,
      better ? `${words} with ${there.limit} workers than with ${before.limit}` : `${words} with ${there.limit} workers: not worth it`,
    );
  }

  #ask(window: WorkerWindow, search: Search, reason: string): void {
    const next = search.next(this.#least, Math.max(search.best.limit, this.#bound(window)));
    if (next === undefined) this.#endSearch(window.at, search, reason);
    else this.#want(window.at, next, `${reason}; trying ${next}`);
  }

  #endSearch(at: number, search: Search, reason: string): void {
    this.#search = undefined;
    const found = search.best.limit;
    this.#believe = found === this.#held ? Math.min(BELIEVED.most, this.#believe * 2) : BELIEVED.first;
    this.#believed = at + this.#believe;
    this.#seen = undefined;
    this.#held = found;
    if (found === this.#wanted) this.#forget();
    else this.#want(at, found, reason);
  }

  /** As many as there is something for: the cores, and for each as many more as wait while one computes. */
  #bound({ workers, busy, cpu, available = 1 }: WorkerWindow): number {
    if (cpu === undefined) return this.#most;
    const on = Math.min(busy, cpu / Math.max(workers, 1) / Math.max(available, 0.05));
    const blocked = Math.max(0, busy - on);
    return this.#within(Math.max(this.#cores, Math.ceil(this.#cores * (1 + blocked / Math.max(on, 0.01)))));
  }

  #holding(window: WorkerWindow, calm: boolean): void {
    const { at, workers, busy, cpu, queued, available = 1 } = window;
    const saturated = busy >= SATURATED && queued > 0;
    const full = cpu !== undefined && cpu >= SATURATED * this.#cores * available;
    this.#idleVotes = queued === 0 && Math.ceil((workers * busy) / COMFORTABLE) < workers ? this.#idleVotes + 1 : 0;
    this.#cpuVotes = full && workers > this.#cores ? this.#cpuVotes + 1 : 0;
    this.#crowdVotes = this.#isCrowded(window) ? this.#crowdVotes + 1 : 0;
    const enough = this.#isEnough(at);
    if (saturated && !full && enough && this.#bound(window) > workers && this.#mayAsk(window)) {
      this.#begin(window, { bold: true }, `loops are busy for ${percent(busy)} and ${queued} calls wait`);
    } else if (!calm) return;
    else if (this.#cpuVotes >= VOTES && enough && this.#mayAsk(window)) {
      this.#begin(
        window,
        { first: this.#within(this.#cores), high: workers + 1 },
        `${percent((cpu ?? 0) / this.#cores)} of the cores are used up`,
      );
    } else if (this.#idleVotes >= VOTES)
      this.#shrink(at, Math.ceil((workers * busy) / COMFORTABLE), `loops are busy for only ${percent(busy)}`);
    else if (this.#crowdVotes >= VOTES) {
      this.#shrink(at, workers - 1, `others use the machine: ${workers} workers get no more of it than ${workers - 1} would`);
      this.#believed = at + this.#believe;
    } else if (enough) {
      this.#seen ??= this.#look(window);
      this.#since = at;
      this.#done = this.#cpu = this.#busy = 0;
    }
  }

  /** Computing workers who together get what one fewer could use up. */
  #isCrowded({ workers, busy, cpu, available = 1 }: WorkerWindow): boolean {
    return cpu !== undefined && available < 0.9 && workers > this.#least && busy >= SATURATED && cpu > 0 && cpu <= workers - 0.9;
  }

  #look(window: WorkerWindow): Seen {
    return { computing: this.#busy > 0 ? this.#cpu / this.#busy : 0, rate: this.#measured(window).rate };
  }

  /** Whether the last search is to be doubted: it is old, or the work has become other work. */
  #mayAsk(window: WorkerWindow): boolean {
    if (window.at >= this.#believed) return true;
    const seen = this.#seen;
    if (seen === undefined) return false;
    const now = this.#look(window);
    return Math.abs(now.computing - seen.computing) > OTHER.share || Math.abs(Math.log(now.rate / seen.rate)) > Math.log(OTHER.factor);
  }

  #begin(window: WorkerWindow, how: ConstructorParameters<typeof Search>[1], reason: string): void {
    const search = new Search(this.#measured(window), how);
    this.#held = this.#wanted;
    this.#search = search;
    this.#ask(window, search, reason);
  }

  #shrink(at: number, to: number, reason: string): void {
    this.#want(at, this.#within(Math.max(1, to, Math.floor(this.#wanted * GENTLE))), reason);
    this.#held = this.#wanted;
    this.#forget();
  }
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
