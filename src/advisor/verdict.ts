import type { Shares, WorkKind } from './advice.js';
import { kindOf, SURE } from './kind.js';
import type { Measurement } from './probe/measurement.js';
import { sumOf } from './probe/readings.js';
import { sharesOf, timesOf } from './shares.js';

/** What a measurement says of a function. */
export interface Verdict {
  readonly shares: Shares;
  /** One call on an idle machine, in ms. */
  readonly ms: number;
  readonly kind: WorkKind;
  readonly confidence: number;
  readonly sure: boolean;
  /** If it is not sure: what would settle it. */
  readonly settle: string | undefined;
}

/** Samples that last for less, in ms, say too little. */
const ENOUGH = 120;
/** A thread that gets less of a processor has neighbours. */
const BUSY_MACHINE = 0.8;
/** Shorter calls are over before a busy machine takes the processor away from most of them. */
const SLICE = 2;

/**
 * @param trust How far the surroundings can be trusted, from 0 to 1: less where other things run in the same process.
 */
export function verdictOf(measurement: Measurement, trust = 1): Verdict {
  const { windows, calls, failed, ms: median, fastest } = measurement;
  const usage = sumOf(windows);
  const availability = windows.reduce((sum, window) => sum + window.availability * window.wall, 0) / usage.wall;
  const shares = sharesOf(usage, availability);
  const { computing, blocking, pool, waiting } = timesOf(usage, availability);
  const alone = (median * (computing + blocking + pool + waiting)) / usage.wall;
  const ms = median < SLICE ? median : Math.min(median, Math.max(alone, fastest));
  const { kind, confidence: ofKind, next } = kindOf(shares, ms);
  const agreeing = windows.filter((window) => kindOf(sharesOf(window, window.availability), ms).kind === kind).length / windows.length;
  const seen = Math.min(1, usage.wall / ENOUGH);
  const confidence = failed === calls ? 0 : Math.min(ofKind * agreeing * trust, seen < 1 ? seen * SURE : 1);
  const settle = (): string | undefined => {
    if (failed === calls) return 'inputs on which it does not fail';
    if (seen < 1) return `a longer look: ${Math.round(usage.wall)} ms of samples are too few, raise budget or timeout`;
    if (confidence >= SURE) return undefined;
    if (agreeing < 1 && availability < BUSY_MACHINE) return 'a quieter machine: something else computes on it';
    if (agreeing < 1) return 'more inputs: its calls are not all alike';
    if (next === 'tiny' || kind === 'tiny') return 'inputs with more to do in a call';
    return `a comparison of both: it is close to being ${next}`;
  };
  const unsettled = settle();
  return { shares, ms, kind, confidence, sure: unsettled === undefined, settle: unsettled };
}
