import { bare } from '../../core/index.js';
import { Ceiling } from './ceiling.js';
import { Experiment } from './experiment.js';
import { Leg, type Measured, SHORTEST } from './leg.js';
import { change, type Move, type Outcome } from './move.js';
import { Noise } from './noise.js';
import { Refusals } from './refusals.js';
import { ASIDE, Schedule } from './schedule.js';
import { Search, worth } from './search.js';

export interface ConcurrencyControlOptions {
  /** Never fewer. Default 1. */
  readonly least?: number;
  /** Never more. Default 1024. */
  readonly most?: number;
  /** Default 2. */
  readonly start?: number;
  /**
   * Called with every decision. Short experiments beside the limit are not reported, only what
   * comes of them.
   */
  readonly onMove?: (move: Move) => void;
}

/** Throughput at one limit that changes by more than this factor is another backend. */
const SHIFT = 1.4;
const CUT = 0.9;
/** Calls so long, in ms, are not waited for by the dozen. */
const LONG = 250;
/** If nothing ever ended for so long, in ms, twice as many are started, up to so many. */
const SILENCE = { every: 500, most: 16 };
/** More is not waited for a chunk of many calls to show its effect, in ms. */
const LONGEST_CHUNK = 250;
/** How many chunks a leg waits for at most. */
const MOST_CHUNKS = 16;

/**
 * Finds how many calls should be in flight: as many as still bring calls done a second, and no more. Without timers and without a clock; times are ms on the clock of whoever calls.
 * How it works stands in README.md beside it.
 */
export class ConcurrencyControl {
  /** Whether more may be tried: not while those who make the calls have no time left. */
  mayRise = true;
  readonly #onMove: ((move: Move) => void) | undefined;
  #least: number;
  #most: number;
  /** What is held; `#leg.limit` is in force. */
  #base: number;
  readonly #leg = new Leg();
  readonly #noise = new Noise();
  readonly #refusals = new Refusals();
  #search: Search | undefined;
  #experiment: Experiment | undefined;
  /** What the held limit gave when it was measured last. */
  #reference: Measured | undefined;
  #searched = false;
  /** How often the leg under way may still be doubled because it says nothing clear. */
  #longer = 0;
  #strikes = 0;
  readonly #ceiling = new Ceiling();
  readonly #schedule = new Schedule();
  #took = 0;
  #chunk = 1;
  #began: number | undefined;
  #ended = false;

  constructor({ least = 1, most = 1024, start = 2, onMove }: ConcurrencyControlOptions = bare({})) {
    this.#least = Math.max(1, Math.floor(least));
    this.#most = Math.max(this.#least, Math.floor(most));
    this.#base = this.#within(start);
    this.#onMove = onMove;
    this.#leg.limit = this.#base;
  }

  /** How many calls may be in flight now. */
  get limit(): number {
    return this.#leg.limit;
  }

  /** The limit that is held while others are tried beside it. */
  get held(): number {
    return this.#base;
  }

  /** Whether something is being tried, so that nothing else should be changed. */
  get isTrying(): boolean {
    return this.#search !== undefined || this.#experiment !== undefined;
  }

  /**
   * `calls` calls ended.
   *
   * @param took How long each took, in ms.
   */
  ended(at: number, took: number, outcome: Outcome, calls = 1): void {
    if (!(calls > 0 && at >= 0)) return;
    const ms = took >= 0 ? took : 0;
    if (this.#began === undefined) this.#start(at);
    this.#ended = true;
    this.#chunk = calls;
    if (this.#leg.isFull(at)) this.#close(at);
    this.#leg.add(at, ms, outcome, calls);
    this.#refusals.saw(calls);
    if (outcome === 'pushback' && this.#refusals.refusedOne(at, ms, calls)) this.#cut(at);
  }

  /** So many are in flight now. */
  inFlight(at: number, n: number): void {
    if (this.#began === undefined) this.#start(at);
    this.#leg.change(at, n);
  }

  /** Time passes, also when no call ends. */
  tick(at: number): void {
    if (this.#began === undefined) this.#start(at);
    if (this.#leg.isLate(at)) this.#close(at);
    else if (!this.#ended) this.#breakSilence(at);
  }

  /**
   * Whoever steers knows better: the work moved, or workers came or went. Everything that was measured is forgotten.
   *
   * @param known Whether that limit was found before, so that there is nothing to search.
   */
  reset(at: number, limit: number, reason: string, known = false): void {
    const to = this.#within(limit);
    this.#search = this.#experiment = this.#reference = undefined;
    this.#ceiling.forget();
    this.#searched = known;
    this.#strikes = 0;
    this.#move(at, to, reason);
    this.#measure(at, to);
  }

  /** Sets other bounds; the limit follows at once if it is outside. */
  bound(at: number, { least = this.#least, most = this.#most }: { least?: number; most?: number }, reason: string): void {
    this.#least = Math.max(1, Math.floor(least));
    this.#most = Math.max(this.#least, Math.floor(most));
    const inside = this.#within(this.#base);
    if (inside !== this.#base) this.reset(at, inside, reason);
    else if (this.#leg.limit !== this.#within(this.#leg.limit)) this.disturb(at);
  }

  /** Something else was changed: what is being measured does not count. */
  disturb(at: number): void {
    this.#search = this.#experiment = this.#reference = undefined;
    this.#strikes = 0;
    this.#measure(at, this.#base, true);
  }

  #start(at: number): void {
    this.#began = at;
    this.#measure(at, this.#base);
  }

  #within(limit: number): number {
    return limit >= this.#least ? Math.min(Math.floor(limit), this.#most) : this.#least;
  }

  /** The most that may be tried upwards. */
  #top(): number {
    return this.mayRise ? Math.min(this.#most, Math.max(this.#base, this.#ceiling.limit)) : this.#base;
  }

  #move(at: number, to: number, reason: string): void {
    const from = this.#base;
    this.#base = to;
    if (from !== to) this.#onMove?.({ at, from, to, reason });
  }

  /** Puts a limit in force and measures it. */
  #measure(at: number, limit: number, disturbed = false): void {
    const same = limit === this.#leg.limit && this.#leg.opened >= 0 && !disturbed;
    const settle = same ? 0 : Math.min(this.#took * this.#chunk, Math.max(this.#took, LONGEST_CHUNK));
    const long = this.#took > LONG;
    const fewest = long ? 4 : this.#took > 100 ? 6 : 10;
    const waves = this.#search === undefined && this.#searched ? (long ? 2 : 4) : long ? 1 : 2;
    const need = Math.max(fewest, waves * limit);
    const rate = this.#reference?.rate ?? 0;
    const reports = Math.min(need, this.#chunk > 1 ? MOST_CHUNKS : need);
    const patience = rate > 0 ? (2 * Math.max(need, reports * this.#chunk)) / rate : Number.POSITIVE_INFINITY;
    this.#leg.begin(at, limit, settle, need, reports, patience);
  }

  #close(at: number): void {
    const ms = at - this.#leg.opened;
    const there = this.#leg.end(at);
    if (there.took > 0) this.#took = there.took;
    // Nobody refuses there any more.
    if (there.limit > this.#base && this.#leg.pushbacks === 0) this.#ceiling.proven(there.limit);
    this.#ceiling.relax(at);
    if (!there.filled) this.#tooFew(at);
    else if (this.#search !== undefined) this.#searching(at, this.#search, there);
    else if (this.#experiment !== undefined) this.#trying(at, this.#experiment, there, ms);
    else this.#holding(at, there, ms);
  }

  /** The limit was not what held the calls back, so it cannot be judged. */
  #tooFew(at: number): void {
    this.#search = this.#experiment = this.#reference = undefined;
    this.#measure(at, this.#base);
  }

  #seek(at: number, search: Search): void {
    this.#search = search;
    this.#searched = true;
    this.#schedule.restart();
    this.#ask(at, search);
  }

  #ask(at: number, search: Search): void {
    const next = search.next(this.#least, this.#top());
    if (next !== undefined) {
      this.#longer = 1;
      this.#measure(at, next);
      return;
    }
    this.#search = undefined;
    this.#reference = search.best;
    this.#schedule.wait(at);
    this.#measure(at, this.#base);
  }

  #searching(at: number, search: Search, there: Measured): void {
    const before = search.best;
    const doubt = this.#noise.between(before, there);
    if (this.#longer > 0 && this.#took < LONG && Math.abs(worth(before, there)) < doubt) {
      this.#longer--;
      this.#leg.extend(2);
      return;
    }
    if (search.saw(there, doubt)) {
      const calls = `${change(there.rate / before.rate)} calls a second`;
      this.#move(at, there.limit, there.limit > before.limit ? `${calls}: further up` : `${calls}: fewer in flight are enough`);
    }
    this.#ask(at, search);
  }

  #holding(at: number, there: Measured, ms: number): void {
    const before = this.#reference;
    if (!(there.rate > 0)) {
      // Nothing went well: there is nothing to compare, and more would not help.
      this.#reference = undefined;
      this.#measure(at, this.#base);
      return;
    }
    if (!this.#searched) {
      this.#seek(at, new Search(there, bare({ bold: true })));
      return;
    }
    if (before !== undefined && this.#shifted(at, before, there)) return;
    if (before === undefined) this.#reference = there;
    else {
      this.#noise.saw(before, there);
      this.#reference = { ...there, rate: before.rate + 0.3 * (there.rate - before.rate) };
    }
    const other = this.#schedule.next(at, this.#base, this.#least, this.#top());
    if (other !== undefined) this.#experiment = new Experiment(there, ms, other);
    this.#measure(at, other ?? this.#base);
  }

  /** Whether the backend has become another one, and the search for its limit begins. */
  #shifted(at: number, before: Measured, there: Measured): boolean {
    const ratio = there.rate / before.rate;
    if (!this.#isFar(before, there, SHIFT)) {
      this.#strikes = 0;
      return false;
    }
    this.#strikes++;
    if (this.#strikes < 2) {
      // Half of this leg may have been before the turn.
      this.#measure(at, this.#base);
      return true;
    }
    this.#strikes = 0;
    // If it has lost servers, so many of those in flight only wait. If it has only become slower, the leg there will say so.
    const first = ratio < 1 ? Math.max(this.#least, Math.ceil(this.#base * ratio * ASIDE)) : undefined;
    this.#seek(at, new Search(there, first === undefined || first === this.#base ? bare({}) : bare({ first })));
    return true;
  }

  /** Whether throughput is another by a factor, and by more than noise. */
  #isFar(before: Measured, there: Measured, factor: number): boolean {
    const far = Math.abs(Math.log(there.rate / before.rate));
    return far >= Math.log(factor) && far >= 3 * this.#noise.between(before, there);
  }

  #trying(at: number, experiment: Experiment, there: Measured, ms: number): void {
    const before = this.#reference;
    // The other limit may make as much of a difference by itself as it is another.
    const apart = Math.max(there.limit / this.#base, this.#base / there.limit);
    if (before !== undefined && this.#isFar(before, there, SHIFT * apart)) {
      // It has become another backend meanwhile, of which the experiment says nothing.
      this.#experiment = undefined;
      this.#strikes = 1;
      this.#measure(at, this.#base);
      return;
    }
    const verdict = there.rate > 0 ? experiment.saw(there, ms, this.#noise.dispersion(there)) : 'no';
    if (verdict === undefined) {
      this.#measure(at, experiment.isOther ? experiment.other : this.#base);
      return;
    }
    const calls = `${change(experiment.ratio)} calls a second`;
    const from = this.#base;
    this.#experiment = undefined;
    this.#schedule.ended(at, experiment, from);
    if (verdict === 'no') {
      this.#measure(at, this.#base);
      return;
    }
    this.#move(at, experiment.other, experiment.isUp ? `${calls}: further up` : `${calls}: fewer in flight are enough`);
    const best = { ...there, limit: experiment.other, rate: there.limit === experiment.other ? there.rate : there.rate * experiment.ratio };
    this.#seek(at, new Search(best, experiment.isUp ? bare({ low: from }) : bare({ high: from })));
  }

  /** Too many calls are refused: at a limit that was only tried, back to the one held; else down. */
  #cut(at: number): void {
    const { refused, seen, share } = this.#refusals;
    const tried = this.#leg.limit;
    const what = `${refused} of ${seen} calls were refused`;
    if (tried > this.#base) {
      this.#refusals.retreat(at);
      this.#ceiling.set(at, Math.max(this.#base, (this.#base + tried) / 2));
      const { search, experiment } = { search: this.#search, experiment: this.#experiment };
      if (experiment !== undefined) this.#schedule.ended(at, experiment, this.#base);
      this.#experiment = undefined;
      if (search !== undefined) {
        search.refused(tried);
        this.#ask(at, search);
      } else this.#measure(at, this.#base);
      return;
    }
    const from = this.#base;
    const inVain = this.#refusals.cut(at, from);
    this.#search = this.#experiment = this.#reference = undefined;
    this.#schedule.waitUp(at);
    if (inVain !== undefined) {
      this.#ceiling.forget();
      this.#move(at, this.#within(inVain), `${what}, and fewer in flight did not change that: back up`);
    } else if (share >= 0.9 && seen >= 5) this.#move(at, this.#within(from / 2), `${what}: down to half`);
    else {
      this.#ceiling.set(at, from);
      this.#move(at, this.#within(Math.min(from - 1, from * CUT)), `${what}: down to ${CUT}`);
    }
    this.#measure(at, this.#base);
  }

  #breakSilence(at: number): void {
    const began = this.#began ?? at;
    if (at - began < SILENCE.every || this.#base >= SILENCE.most || this.#leg.inFlight < this.#base) return;
    const to = Math.min(SILENCE.most, this.#top(), this.#base * 2);
    this.#began = at;
    this.#move(at, to, `nothing has ended after ${Math.round(at - began)} ms: more at a time`);
    this.#measure(at, to);
  }
}

/** No leg takes less, in ms: whoever ticks has to do so about as often. */
export const TICK = SHORTEST;
