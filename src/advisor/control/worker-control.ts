import { bare } from '../../core/index.js';
import { percent } from '../figures.js';
import type { Measured } from './leg.js';
import { change, type Move } from './move.js';
import { Search, type SearchOptions } from './search.js';

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
/** A thread that gets less of a core has others beside it. */
const ALONE = 0.9;
const NEARLY = 0.93;
const VOTES = 3;
/** A step down is at most a quarter. */
const GENTLE = 0.75;
/** A number of workers is measured until so many calls have ended, and one for each worker, or so long. */
const ENOUGH = 4;
const LONGEST = 800;
/** Where it is not about doubling, so many times that, in at least so many windows. */
const CLOSE = 3;
/** What share of more workers has to arrive as throughput. More than for calls: a worker has a heap of its own. */
const WORTH = 0.15;
/** Where cores are used up, workers are taken away only if hardly anything is lost. */
const NO_LOSS = 0.05;
/** How long a search that found nothing better is believed, in ms. */
const BELIEVED = { first: 2000, most: 20_000 };
/** The share of computing, or throughput, that changed so much is other work. */
const OTHER = { share: 0.25, factor: 1.5 };
const FEW_CALLS = 4;
/** Where calls are too long to be counted in this time, in ms, as many workers as this are believed to be worth it if the thread is only held. */
const IMPATIENT = 250;
/** The law of cores and waits is one of averages: where calls do wait, now and then all do at once. More is only tried, and stays if it gives more. */
const FEW_WAITS = 0.2;
const ROOM = 1.5;
const UNPROVEN = 8;
const NARROW = 1.5;
const SELDOM = 12;

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
  /** Whether the search compares processor time instead of calls. */
  #byCpu = false;
  /** The fewest that the search may try. */
  #floor = 1;
  /** The share of computing when it began, and now. */
  #kindAtFirst = 0;
  #kind = 0;
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

  #measured(at: number): Measured {
    const rate = (this.#byCpu ? this.#cpu : this.#done) / (at - this.#since);
    return { limit: this.#wanted, rate, reports: Math.max(1, this.#done), took: 0, scatter: 0, filled: true };
  }

  #isEnough(at: number, times = 1): boolean {
    if (at - this.#since >= LONGEST) return true;
    return this.#windows > times && (this.#byCpu || this.#done >= times * Math.max(ENOUGH, this.#wanted));
  }

  #searching(window: WorkerWindow, search: Search): void {
    const { at } = window;
    if (window.queued === 0 && window.busy < SATURATED) {
      // There is no more than they can do: nothing to be learned.
      this.#endSearch(at, search, 'no calls wait any more');
      return;
    }
    const before = search.best;
    const few = !this.#byCpu && this.#done < FEW_CALLS && this.#wanted > before.limit;
    const unproven = few && this.#wanted <= UNPROVEN && at - this.#since >= IMPATIENT;
    if (!unproven && !this.#isEnough(at, this.#wanted >= 2 * before.limit ? 1 : CLOSE)) return;
    const there = this.#measured(at);
    const better = search.saw(few ? { ...there, rate: (before.rate * there.limit) / before.limit } : there);
    const gain = `${change(there.rate / before.rate)} ${this.#byCpu ? 'processor time' : 'calls a second'} with ${there.limit} workers`;
    const words = few ? 'calls are too long to count them' : better ? `${gain} than with ${before.limit}` : `${gain}: not worth it`;
    this.#kind = this.#cpu / Math.max(this.#busy, Number.MIN_VALUE);
    this.#ask(window, search, words);
  }

  #ask(window: WorkerWindow, search: Search, reason: string): void {
    const next = search.next(this.#floor, Math.max(search.best.limit, this.#bound(window)));
    if (next === undefined) this.#endSearch(window.at, search, reason);
    else this.#want(window.at, next, `${reason}; trying ${next}`);
  }

  #endSearch(at: number, search: Search, reason: string): void {
    this.#search = undefined;
    this.#byCpu = false;
    const found = search.best.limit;
    // What was compared was not the same work: to be asked again at once.
    const other = Math.abs(this.#kind - this.#kindAtFirst) > OTHER.share;
    this.#believe = other
      ? 0
      : found === this.#held
        ? Math.min(BELIEVED.most, Math.max(this.#believe * 2, BELIEVED.first))
        : BELIEVED.first;
    this.#believed = at + this.#believe;
    this.#seen = undefined;
    this.#held = found;
    if (found === this.#wanted) this.#forget();
    else this.#want(at, found, reason);
  }

  /** As many as there may be something for: the cores, and for each as many more as wait while one computes (Goetz). */
  #bound({ workers, busy, cpu, available = 1 }: WorkerWindow): number {
    if (cpu === undefined) return this.#most;
    const on = Math.min(busy, cpu / Math.max(workers, 1) / Math.max(available, 0.05));
    const blocked = Math.max(0, busy - on);
    const waits = blocked / Math.max(on, 0.01);
    return this.#within(Math.ceil(this.#cores * (1 + waits) * (waits > FEW_WAITS ? ROOM : 1)));
  }

  #holding(window: WorkerWindow, calm: boolean): void {
    const { at, workers, busy, cpu, queued, available = 1 } = window;
    const saturated = busy >= SATURATED && queued > 0;
    const full = cpu !== undefined && cpu >= SATURATED * this.#cores * available;
    this.#idleVotes = queued === 0 && Math.ceil((workers * busy) / COMFORTABLE) < workers ? this.#idleVotes + 1 : 0;
    this.#cpuVotes = full && workers > this.#cores ? this.#cpuVotes + 1 : 0;
    this.#crowdVotes = this.#isCrowded(window) ? this.#crowdVotes + 1 : 0;
    const enough = this.#isEnough(at) || (this.#done < FEW_CALLS && at - this.#since >= IMPATIENT);
    if (saturated && !full && enough && this.#bound(window) > workers && this.#mayAsk(window)) {
      this.#begin(window, bare({ bold: true, low: workers - 1 }), `loops are busy for ${percent(busy)}, calls that wait: ${queued}`);
    } else if (!calm) return;
    else if (this.#cpuVotes >= VOTES && enough && this.#mayAsk(window)) {
      const reason = `${percent((cpu ?? 0) / this.#cores)} of the cores are used up`;
      this.#begin(window, bare({ high: workers + 1, worth: NO_LOSS }), reason, this.#cores);
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

  /** Computing workers who get less than a core each because others compute too, and of whom one can go without loss: what it leaves, its siblings get. */
  #isCrowded({ workers, busy, cpu, available = 1 }: WorkerWindow): boolean {
    if (cpu === undefined || available >= ALONE || workers <= this.#least || workers > this.#cores || busy < SATURATED || !(cpu > 0))
      return false;
    const others = Math.max(0, (workers * this.#cores) / cpu - workers);
    const fewer = workers - 1;
    return cpu < ALONE * workers && Math.min(fewer, (fewer * this.#cores) / (fewer + others)) >= NEARLY * cpu;
  }

  #look(window: WorkerWindow): Seen {
    return { computing: this.#busy > 0 ? this.#cpu / this.#busy : 0, rate: this.#done / (window.at - this.#since) };
  }

  /** Whether the last search is to be doubted: it is old, or the work has become other work. */
  #mayAsk(window: WorkerWindow): boolean {
    if (window.at >= this.#believed) return true;
    const seen = this.#seen;
    if (seen === undefined) return false;
    const now = this.#look(window);
    return Math.abs(now.computing - seen.computing) > OTHER.share || Math.abs(Math.log(now.rate / seen.rate)) > Math.log(OTHER.factor);
  }

  #begin(window: WorkerWindow, how: SearchOptions, reason: string, floor = this.#least): void {
    // Calls that take long end too seldom to be counted, but if they compute, what they use is progress too.
    this.#byCpu = window.cpu !== undefined && this.#done < SELDOM && this.#cpu > 0.8 * this.#busy;
    const search = new Search(this.#measured(window.at), bare({ worth: WORTH, narrow: NARROW, ...how }));
    this.#floor = Math.max(this.#least, floor);
    this.#kind = this.#kindAtFirst = this.#cpu / Math.max(this.#busy, Number.MIN_VALUE);
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
