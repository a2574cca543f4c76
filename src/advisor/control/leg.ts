/** What was measured while one limit was in force. */
export interface Measured {
  readonly limit: number;
  /** Calls that went well, a ms. */
  readonly rate: number;
  /** How many reports the rate rests on. */
  readonly reports: number;
  /** How long a call took on average, in ms. */
  readonly took: number;
  /** What the times scatter by: the variance over the square of the mean. 1 if calls end at random, 0 if all take the same. */
  readonly scatter: number;
  /** Whether the limit was what held the calls back, and not that there were no more of them. */
  readonly filled: boolean;
}

/** A limit counts as used if on average so much of it was. */
const FILLED = 0.8;
/** No leg is shorter, in ms: clocks and event loops have a grain. */
export const SHORTEST = 50;
/** So many reports have to have come when a leg is ended before its time. */
const FEWEST = 6;
/** What follows within this share of a call's time belongs to the same wave. */
const WAVE = 0.02;

/**
 * Measures the throughput of one limit. It waits until what was in flight before has gone, then counts from one ended call to another: calls that start together end together,
 * and a window cut by the clock would count one wave more or less.
 */
export class Leg {
  limit = 1;
  ended = 0;
  pushbacks = 0;
  #ok = 0;
  #reports = 0;
  #tookSum = 0;
  #tookSquares = 0;
  #tookCalls = 0;
  #tookReports = 0;
  #settled = 0;
  #opened = -1;
  #due = 0;
  #need = 0;
  #needReports = 0;
  /** When a leg that should be full by now is taken as it is. */
  #late = 0;
  #patience = 0;
  /** When a call ended last, and how often a leg that could begin or end waited for the end of a wave. */
  #last = -1;
  #waited = 0;
  /** Calls in flight, times ms. */
  #area = 0;
  #inFlight = 0;
  #changed = 0;

  get inFlight(): number {
    return this.#inFlight;
  }

  /** When the first call was counted; -1 before. */
  get opened(): number {
    return this.#opened;
  }

  get reports(): number {
    return this.#reports;
  }

  /**
   * @param settle How long it takes, in ms, until what `limit` changes shows.
   * @param need How many calls have to end, in at least `needReports` reports.
   * @param patience How long that should take at most, in ms.
   */
  begin(at: number, limit: number, settle: number, need: number, needReports: number, patience: number): void {
    this.limit = limit;
    this.ended = this.pushbacks = 0;
    this.#ok = this.#reports = this.#tookSum = this.#tookSquares = this.#tookCalls = this.#tookReports = 0;
    this.#settled = at + settle;
    this.#opened = -1;
    this.#waited = 0;
    this.#need = need;
    this.#needReports = needReports;
    this.#patience = patience;
  }

  /** It goes on until so many times as many calls have ended. */
  extend(times: number): void {
    this.#need *= times;
    this.#needReports *= times;
    this.#patience *= times;
    this.#late = this.#opened + Math.max(2 * SHORTEST, this.#patience);
  }

  /** Asked when a call has ended, before it is counted. */
  isFull(at: number): boolean {
    if (this.#opened < 0 || at < this.#due) return false;
    if (this.ended >= this.#need && this.#reports >= this.#needReports) return this.#isNextWave(at);
    return this.isLate(at);
  }

  /** Whether a wave has ended. Where calls end without gaps, that is not waited for. */
  #isNextWave(at: number): boolean {
    return (at - this.#last) * this.#tookReports >= WAVE * this.#tookSum || ++this.#waited > this.limit;
  }

  /** Whether it takes much longer than it should, but has something to say. */
  isLate(at: number): boolean {
    return this.#opened >= 0 && at >= this.#late && this.#reports >= FEWEST;
  }

  add(at: number, took: number, outcome: 'ok' | 'failed' | 'pushback', calls: number): void {
    if (outcome !== 'pushback') {
      this.#tookSum += took * calls;
      this.#tookSquares += took * took * calls;
      this.#tookCalls += calls;
      this.#tookReports++;
    }
    if (this.#opened < 0) {
      const opens = at >= this.#settled && this.#inFlight <= this.limit && this.#isNextWave(at);
      this.#last = at;
      if (!opens) return;
      this.#open(at);
    }
    this.#last = at;
    this.ended += calls;
    this.#reports++;
    if (outcome === 'ok') this.#ok += calls;
    else if (outcome === 'pushback') this.pushbacks += calls;
  }

  #open(at: number): void {
    this.#opened = this.#changed = at;
    this.#area = this.#waited = 0;
    this.#due = at + SHORTEST;
    this.#late = at + Math.max(2 * SHORTEST, this.#patience);
  }

  change(at: number, inFlight: number): void {
    if (at > this.#changed) {
      this.#area += this.#inFlight * (at - this.#changed);
      this.#changed = at;
    }
    this.#inFlight = inFlight;
  }

  end(at: number): Measured {
    this.change(at, this.#inFlight);
    const ms = Math.max(at - this.#opened, Number.MIN_VALUE);
    const took = this.#tookCalls > 0 ? this.#tookSum / this.#tookCalls : 0;
    const variance = this.#tookCalls > 0 ? this.#tookSquares / this.#tookCalls - took * took : 0;
    return {
      limit: this.limit,
      rate: this.#ok / ms,
      reports: Math.max(this.#reports, 1),
      took,
      scatter: took > 0 ? Math.max(0, variance) / (took * took) : 0,
      filled: this.#area / ms >= FILLED * this.limit,
    };
  }
}
