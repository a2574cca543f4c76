import { differing } from './agree.js';
import type { Contender, Row } from './comparison.js';
import { byPlace } from './contenders.js';
import { median } from './median.js';
import type { Pass } from './passes.js';
import type { Outcome } from './plain-loop.js';

/** Speeds that differ by less than this are the same: the next run might order them the other way. */
const TIE = 0.05;
/** Over less than this, in ms, the processor time of a process says little: the system counts it in ticks. */
const MEASURABLE = 10;

/** Why a contender has no figures. */
export interface Miss {
  readonly state: Exclude<Row['state'], 'measured'>;
  readonly reason: string;
}

/** What became of a contender. */
export interface Entry {
  readonly contender: Contender;
  readonly passes: readonly Pass[];
  readonly miss: Miss | undefined;
}

/**
 * The rows of a table, in the order of the entries, of which the first is one at a time.
 *
 * @param expected What one at a time answered.
 * @param predict The speed-up that was foreseen.
 */
export function rowsOf(
  entries: readonly Entry[],
  expected: readonly Outcome[] | undefined,
  predict: (contender: Contender) => number | undefined,
): Row[] {
  const [first] = entries;
  const base = worked(first) ? median(first.passes.map(({ ms }) => ms)) : undefined;
  return entries.map((entry) => rowOf(entry, base, expected, predict));
}

function rowOf(
  entry: Entry,
  base: number | undefined,
  expected: readonly Outcome[] | undefined,
  predict: (contender: Contender) => number | undefined,
): Row {
  const { contender, passes, miss } = entry;
  const failures = passes.map(({ outcomes }) => outcomes.filter(({ failed }) => failed !== undefined));
  const error = failures.flat()[0]?.failed;
  const nothing = miss ?? { state: 'not-run' as const, reason: 'not reached' };
  const allFailed = passes.length > 0 && !worked(entry);
  const [ms, startMs, cpuMs] = [middle(passes, 'ms'), middle(passes, 'startMs'), middle(passes, 'cpuMs')];
  const speedup = allFailed ? undefined : ratio(base, ms);
  return {
    ...contender,
    state: allFailed ? 'failed' : passes.length > 0 ? 'measured' : nothing.state,
    reason: allFailed ? `every call failed: ${error}` : passes.length > 0 ? undefined : nothing.reason,
    rounds: passes.length,
    ms,
    fastestMs: passes.length === 0 ? undefined : Math.min(...passes.map((pass) => pass.ms)),
    startMs,
    speedup,
    speedupWithStart: speedup === undefined ? undefined : ratio(base, (ms as number) + (startMs as number)),
    predicted: predict(contender),
    cpuMs,
    cores: (ms ?? 0) < MEASURABLE ? undefined : ratio(cpuMs, ms),
    memory: middle(passes, 'memory'),
    failed: Math.max(0, ...failures.map((each) => each.length)),
    error,
    differing: expected === undefined ? 0 : Math.max(0, ...passes.map(({ outcomes }) => differing(expected, outcomes))),
  };
}

/** Whether at least one call of each pass gave an answer. */
const worked = ({ passes }: Entry): boolean =>
  passes.length > 0 && passes.every(({ outcomes }) => outcomes.some(({ failed }) => failed === undefined));

/** The median over the passes that know it. */
function middle(passes: readonly Pass[], key: 'ms' | 'startMs' | 'cpuMs' | 'memory'): number | undefined {
  return median(passes.map((pass) => pass[key]).filter((value) => value !== undefined));
}

const ratio = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined || b === 0 ? undefined : a / b;

/**
 * The fastest whose calls fail no more often than one at a time; of those that are as good as it, the one that takes least: this thread before threads, threads
 * before processes, few workers before many.
 */
export function bestOf(rows: readonly Row[], key: 'speedup' | 'speedupWithStart'): Row | undefined {
  const [loop] = rows;
  const fair = rows.filter((row) => row[key] !== undefined && row.failed <= loop.failed);
  const fastest = Math.max(...fair.map((row) => row[key] as number));
  return fair.filter((row) => (row[key] as number) >= fastest * (1 - TIE)).sort(byPlace)[0];
}
