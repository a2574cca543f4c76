import { has, milliseconds, mustBeFunction, type OptionTable, onAbort, outside, readOptions, signal } from '../core/index.js';
import { type AnyFunction, cancellation, cancelWithCaller, type Future, FutureSource, watchFuture } from '../futures/index.js';
import { outerWrites } from '../wire/index.js';
import type { Advice, Point, Prediction } from './advice.js';
import { cautionsOf, type Seen, workersThatFit } from './cautions.js';
import { explain } from './explain.js';
import { freeMemory } from './free-memory.js';
import { type Machine, thisMachine } from './machine.js';
import { measureCalls } from './probe/measure-calls.js';
import type { Measurement } from './probe/measurement.js';
import { type Recommendation, recommend } from './recommend.js';
import { samePoint } from './same-point.js';
import { sampleOf } from './sample.js';
import { type Travelling, travelling } from './travelling.js';
import { unmeasured } from './unmeasured.js';
import { type Verdict, verdictOf } from './verdict.js';

/** How a function is measured. Times are ms. */
export interface AdviseOptions {
  /** How long all of it may take, in ms. A function that has not returned by then is ended. Default 10,000. */
  timeout?: number;
  /** How long the calls that count should take together, in ms. Below 120 the answer is never sure. Default 150. */
  budget?: number;
  /** Stops it. */
  signal?: AbortSignal;
}

const table: OptionTable = { timeout: milliseconds, budget: milliseconds, signal };
/** The part of the whole time that the calls that count may take: the rest is for the start, for warming up and for the spins. */
const MOST_BUDGET = 0.4;
/** Where other things run in the same process, what is measured may be theirs. */
const AMONG_OTHERS = 0.8;

/**
 * Measures a function and says in plain words what it does with its time, how it should be run, and what that would give.
 *
 * The function is really called, some five to some thousand times in about half a second, with the sample inputs in turn, in a process of its own that is ended afterwards.
 * What it does to the world outside (files, a database, a service) it does. A function that cannot travel is measured on this thread instead, and the advice says so: there
 * one that never returns cannot be ended.
 *
 * Cancelling: the process is ended; on this thread, the calls go on to their end.
 *
 * @param sampleInputs Inputs as it will get them; the more they are like those to come, the better. At most the first 100 are taken.
 * @throws {NotCallableError} code `MEANTIME_NOT_CALLABLE`, if `fn` is no function.
 * @throws {OptionError} code `MEANTIME_OPTION`, for an unknown option or a wrong value; as a rejection, if there is no input.
 *
 * @example
 * ```ts run
 * import { advise } from 'meantime/advisor';
 *
 * const { kind, point } = await advise(async (ms: number) => {
 *   await new Promise((resolve) => setTimeout(resolve, ms));
 * }, [20]);
 * kind; // => 'io-bound'
 * point.on; // => 'tasks'
 * ```
 */
export function advise<I>(
  fn: (input: I) => unknown,
  sampleInputs: Iterable<I | PromiseLike<I>> | AsyncIterable<I | PromiseLike<I>>,
  options?: AdviseOptions,
): Future<Advice> {
  const { timeout = 10_000, budget: wanted = 150, signal } = readOptions('advise', options, table);
  const budget = Math.min(wanted, timeout * MOST_BUDGET); // what was measured must not be lost to the end of the time
  mustBeFunction('advise', fn);
  const controller = new AbortController();
  const source = new FutureSource<Advice>();
  source.onCancel((reason) => controller.abort(cancellation(reason)));
  source.start();
  if (signal?.aborted) controller.abort(cancellation(signal.reason));
  else if (signal !== undefined)
    watchFuture(
      source.future,
      onAbort(signal, () => controller.abort(cancellation(signal.reason))),
    );
  measure(fn as AnyFunction, travelling(fn as AnyFunction), sampleInputs, { timeout, budget, signal: controller.signal }).then(
    (advice) => source.fulfil(advice),
    (error) => source.reject(error),
  );
  return cancelWithCaller(source.future);
}

interface Limits {
  readonly timeout: number;
  readonly budget: number;
  readonly signal: AbortSignal;
}

async function measure(
  fn: AnyFunction,
  far: Travelling,
  sampleInputs: Iterable<unknown> | AsyncIterable<unknown>,
  limits: Limits,
): Promise<Advice> {
  const inputs = await sampleOf('advise', sampleInputs);
  limits.signal.throwIfAborted();
  const machine = thisMachine();
  const writes = await outerWrites(fn);
  // Loaded when it is needed: it takes processes along, and whoever imports the door for an AutoExecutor needs none.
  const { measureApart } = await outside(() => import('./measure-apart.js'));
  const came = await measureApart(far, inputs, limits);
  if (has(came, 'measured')) return adviceOf(far.name, came.measured, verdictOf(came.measured), { machine, writes, stays: undefined });
  if (!has(came, 'stays')) return unmeasured(far.name, came, limits.timeout, machine);
  const measured = { ...(await measureCalls(fn, inputs, { budget: limits.budget, until: limits.timeout })), changed: [] };
  limits.signal.throwIfAborted();
  return adviceOf(far.name, measured, verdictOf(measured, AMONG_OTHERS), { machine, writes, stays: came.stays });
}

interface Around {
  readonly machine: Machine;
  readonly writes: readonly string[];
  readonly stays: string | undefined;
}

function adviceOf(name: string, measured: Measurement, verdict: Verdict, { machine, writes, stays }: Around): Advice {
  const { shares, ms, kind, confidence, sure, settle } = verdict;
  const { calls, failed, input, result } = measured;
  const best = recommend({ shares, ms, kind, copying: input.ms + result.ms }, machine);
  const seen: Seen = { measured, verdict, point: best.point, machine, writes, free: freeMemory(), stays };
  const isBound = stays !== undefined || result.refused !== undefined;
  const { point, predictions, chunk } = isBound ? onThisThread(best) : withWorkers(best, workersThatFit(seen));
  const speedup = predictions.find((prediction) => samePoint(prediction, point))?.speedup ?? 1;
  const why = explain({ kind, shares, ms, point, speedup }, machine);
  return { name, kind, sure, confidence, settle, shares, calls, failed, ms, point, chunk, predictions, why, cautions: cautionsOf(seen) };
}

function onThisThread({ predictions }: Recommendation): Recommendation {
  const here = predictions.filter(({ on }) => on === 'tasks');
  const [{ on, workers, concurrency }] = here as [Prediction];
  return { point: { on, workers, concurrency }, chunk: 1, predictions: here };
}

/** The same with no more workers than that. */
function withWorkers({ point, chunk, predictions }: Recommendation, most: number): Recommendation {
  const fewer = <P extends Point>(of: P): P => (of.on === 'tasks' || of.workers <= most ? of : { ...of, workers: most });
  const fewerSlower = (of: Prediction): Prediction => ({ ...fewer(of), speedup: (of.speedup * fewer(of).workers) / of.workers });
  return { point: fewer(point), chunk, predictions: predictions.map(fewerSlower) };
}
