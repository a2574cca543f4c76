import type { BackendCase } from './backend.js';
import { BIN, type Controlled, fixed, type Simulated, simulate } from './simulate.js';

/** What the best fixed limit does, found by trying all of them. */
export interface Oracle {
  /** The smallest that gives nearly the best. */
  readonly limit: number;
  /** The best, in calls a ms. */
  readonly rate: number;
}

/** How a control did, against what could have been known. */
export interface Judged {
  /** Of the best throughput. */
  readonly throughput: number;
  /** Calls in flight on average, and against what is needed. */
  readonly inFlight: number;
  readonly excess: number;
  /** Of all calls, those that were not refused. */
  readonly accepted: number;
  /** Until nine tenths of the best were reached for the first time, and again after the turn, in ms. */
  readonly reached: number;
  readonly followed: number;
}

/** Nearly the best. */
const NEARLY = 0.99;
const REACHED = 0.9;
/** Throughput is looked at in stretches of half a second, or one call is more or less. */
const STRETCH = 5;

const sweep = [
  ...Array.from({ length: 40 }, (_, i) => i + 1),
  42,
  44,
  46,
  48,
  50,
  53,
  56,
  60,
  64,
  67,
  71,
  75,
  80,
  85,
  90,
  96,
  104,
  112,
  128,
];

interface Period {
  readonly from: number;
  readonly to: number;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / Math.max(1, values.length);

function periods({ turn }: BackendCase, length: number): readonly Period[] {
  const all = length / BIN;
  const at = Math.round((turn ?? 1) * all);
  return at < all
    ? [
        { from: 0, to: at },
        { from: at, to: all },
      ]
    : [{ from: 0, to: all }];
}

/** The best of some fixed limits for each stretch of the run in which the backend stays the same. */
export function oracles(one: BackendCase, length: number, limits: readonly number[] = sweep): readonly Oracle[] {
  const runs = limits.map((limit) => ({ limit, run: simulate(one.make(1), fixed(limit), { length }) }));
  return periods(one, length).map((period) => {
    // The first second after a turn belongs to what was before.
    const rates = runs.map(({ limit, run }) => ({
      limit,
      rate: sum(run.done.slice(period.from + 10, period.to)) / (period.to - period.from - 10) / BIN,
    }));
    const rate = Math.max(...rates.map((each) => each.rate));
    const smallest = rates.find((each) => each.rate >= NEARLY * rate);
    return { limit: smallest?.limit ?? 1, rate };
  });
}

/** Runs a control against a backend and holds it against the oracles. */
export function judge(one: BackendCase, control: Controlled, known: readonly Oracle[], length: number, seed: number): Judged {
  return score(one, simulate(one.make(seed), control, { length }), known, length);
}

function score(one: BackendCase, run: Simulated, known: readonly Oracle[], length: number): Judged {
  const all = periods(one, length);
  const best = all.map(({ from, to }, i) => known[i].rate * (to - from) * BIN);
  const needed = all.map(({ from, to }, i) => known[i].limit * (to - from));
  const until = all.map(({ from, to }, i) => reachedAfter(run, from, to, known[i]));
  return {
    throughput: run.ok / sum(best),
    inFlight: mean(run.inFlight),
    excess: sum(run.inFlight) / sum(needed),
    accepted: run.ok / Math.max(1, run.ok + run.refused),
    reached: until[0],
    followed: until.length > 1 ? until[1] : 0,
  };
}

/** When the throughput first is, for half a second, nine tenths of the best. */
function reachedAfter(run: Simulated, from: number, to: number, { rate }: Oracle): number {
  for (let bin = from; bin + STRETCH <= to; bin++) {
    // What is in the last tenth is looked back from.
    if (sum(run.done.slice(bin, bin + STRETCH)) >= REACHED * rate * BIN * STRETCH) return (bin - from) * BIN;
  }
  return Number.POSITIVE_INFINITY;
}
