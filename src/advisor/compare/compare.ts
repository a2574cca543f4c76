import {
  bare,
  either,
  flag,
  func,
  list,
  milliseconds,
  mustBeFunction,
  NotPortableError,
  OptionError,
  type OptionTable,
  onAbort,
  oneOf,
  outside,
  RunCallbacks,
  readOptions,
  record,
  signal,
  whole,
} from '../../core/index.js';
import { type AnyFunction, cancellation, cancelWithCaller, type Future, FutureSource } from '../../futures/index.js';
import { type FunctionRef, referenceOf } from '../../wire/index.js';
import type { Advice, Point } from '../advice.js';
import { advise } from '../advise.js';
import { thisMachine } from '../machine.js';
import { cautionsOf } from './cautions.js';
import type { CompareOptions, Comparison } from './comparison.js';
import { contenders } from './contenders.js';
import { foresee } from './foresee.js';
import { bestOf, rowsOf } from './rows.js';
import { takeInputs } from './take-inputs.js';
import { TimeLeft } from './time-left.js';
import { unlessAborted } from './unless-aborted.js';

const everywhere: readonly Point['on'][] = ['tasks', 'threads', 'processes'];
const where = oneOf(...everywhere);
const TIMEOUT = 120_000;
const MOST_INPUTS = 10_000;

const table: OptionTable = {
  rounds: whole(1),
  on: either(where, list),
  timeout: milliseconds,
  maxInputs: whole(1),
  advice: either(record, flag),
  signal,
  stop: signal,
  stdout: oneOf('stdout', 'stderr'),
  onProgress: func,
};

/**
 * Runs `fn` over the inputs in every way there is, and tells how they did: one at a time, as tasks, on threads, in processes, at a few points between, and at the
 * point that the advice recommends. The ways take turns, in rounds.
 *
 * Speed-ups are told with the workers up and the function loaded in them, since inputs that one tries are mostly a sample of more. What the start took stands beside it, and
 * `speedupWithStart` counts it.
 *
 * One at a time runs in a thread of its own, where a call that never returns can be ended. Tasks run on this thread, once that loop has shown that calls return; a
 * function that cannot travel runs on this thread only, and nothing can end it there while it computes. Every way calls `fn` for every input again: what a call
 * changes in the world is changed as often.
 *
 * Cancelling: `cancel()` or `signal` ends the workers and rejects; `stop` and `timeout` end them and fulfil with what was measured until then.
 *
 * @param inputs Any iterable. It is taken whole, up to `maxInputs`.
 * @throws {OptionError} code `MEANTIME_OPTION`, at once, for an unknown option or a wrong value.
 * @throws {InputError} code `MEANTIME_INPUT`, as a rejection, if there are no inputs.
 *
 * @example
 * ```ts run
 * import { compare } from 'meantime/advisor';
 *
 * const nap = async (ms: number) => new Promise((resolve) => setTimeout(resolve, ms, ms));
 * const { best, rows } = await compare(nap, new Array(20).fill(5), { on: 'tasks', rounds: 1, advice: false });
 * rows[0].label; // => 'one at a time'
 * best?.on; // => 'tasks'
 * ```
 */
export function compare<I>(
  fn: (input: I) => unknown,
  inputs: Iterable<I | PromiseLike<I>> | AsyncIterable<I | PromiseLike<I>>,
  options?: CompareOptions,
): Future<Comparison> {
  const read = readOptions('compare', options, table);
  mustBeFunction('compare', fn);
  const on = typeof read.on === 'string' ? [read.on] : (read.on ?? everywhere);
  for (const each of on) {
    const expected = where(each);
    if (expected !== undefined) throw new OptionError(`compare: option "on" expects ${expected}, got ${String(each)}`);
  }
  const source = new FutureSource<Comparison>();
  const time = new TimeLeft(read.timeout ?? TIMEOUT, read.stop);
  let reason: { value: unknown } | undefined;
  const cancel = (value: unknown) => {
    reason ??= { value };
    time.finish('cancelled');
  };
  source.onCancel(cancel);
  let broken: { error: unknown } | undefined;
  const callbacks = new RunCallbacks((error) => {
    broken = { error };
    time.finish('cancelled');
  });
  const told = bare({ ...read, onProgress: callbacks.of(read.onProgress) });
  const release = read.signal && !read.signal.aborted ? onAbort(read.signal, () => cancel(read.signal?.reason)) : undefined;
  if (read.signal?.aborted) cancel(read.signal.reason);
  source.start();
  // Now, while whoever wrote the function is on the stack: its module is looked for there first.
  const way = wayOf(fn as AnyFunction);
  measure(fn as AnyFunction, way, inputs, on, told, time)
    .finally(() => callbacks.ended())
    // Whoever cancels is told when the workers are gone.
    .then(
      (comparison) => {
        if (broken) source.reject(broken.error);
        else if (reason) source.reject(cancellation(reason.value));
        else source.fulfil(comparison);
      },
      (error) => source.reject(broken ? broken.error : reason ? cancellation(reason.value) : error),
    )
    .finally(() => {
      release?.();
      time.close();
    });
  return cancelWithCaller(source.future);
}

async function measure(
  fn: AnyFunction,
  way: ReturnType<typeof wayOf>,
  inputs: Iterable<unknown> | AsyncIterable<unknown>,
  on: readonly Point['on'][],
  options: CompareOptions,
  time: TimeLeft,
): Promise<Comparison> {
  const machine = thisMachine();
  const most = options.maxInputs ?? MOST_INPUTS;
  const [taken, { ref, cannotTravel }] = await Promise.all([takeInputs(inputs, most, time.signal), way]);
  const timeout = options.timeout ?? TIMEOUT;
  const advice = await adviceOn(fn, taken.inputs, bare({ ...options, timeout }), time);
  const isDeadly = ref !== undefined && (advice?.cautions.some(({ code }) => code === 'ended-its-process') ?? false);
  const possible = ref === undefined ? on.filter((each) => each === 'tasks') : on;
  // Loaded when it is needed: it takes threads and processes along, and whoever imports the door for an AutoExecutor may need neither.
  const { Contest } = await outside(() => import('./contest.js'));
  const contest = new Contest(
    {
      work: { fn, ref, inputs: taken.inputs, warmUp: 0, stdout: options.stdout, isDeadly },
      contenders: (count) => contenders(count, machine.cores, possible, advice?.point),
      rounds: options.rounds,
      timeout,
      onProgress: options.onProgress,
    },
    time,
  );
  if (taken.more) contest.notes.push(`Only the first ${most} inputs were taken: there are more.`);
  if (taken.inputs.length === 1) contest.notes.push('One input: nothing can run side by side, so no way can be faster than another.');
  await contest.run();

  const rows = rowsOf(contest.entries, contest.expected, foresee(advice, contest.inputs, machine));
  const endless = rows[0].state === 'never-returned';
  return {
    name: fn.name || 'the function',
    inputs: contest.inputs,
    state: time.over === undefined ? (endless ? 'timed-out' : 'finished') : time.over === 'timed-out' ? 'timed-out' : 'stopped',
    rounds: contest.rounds,
    cores: machine.cores,
    availability: contest.availability,
    rows,
    best: bestOf(rows, 'speedup'),
    bestWithStart: bestOf(rows, 'speedupWithStart'),
    advice,
    cautions: cautionsOf(rows, contest.inputs, cannotTravel),
    notes: contest.notes,
  };
}

/** The longest that measuring the function may take, in ms, and which part of the whole time. */
const [ADVISING, PART] = [10_000, 0.1];

/** What was measured before, or is now. */
async function adviceOn(
  fn: AnyFunction,
  inputs: readonly unknown[],
  { advice, timeout, onProgress }: CompareOptions & { timeout: number },
  time: TimeLeft,
): Promise<Advice | undefined> {
  if (typeof advice === 'object' || advice === false || time.over) return advice || undefined;
  onProgress?.({ label: 'what the function does with its time', round: 1, rounds: undefined });
  const limit = Math.min(ADVISING, PART * timeout);
  // What is measured on this thread, since it cannot travel, may go on for longer.
  const found = await time.spend(2 * limit, (signal) => unlessAborted(advise(fn, inputs, bare({ timeout: limit, signal })), signal));
  return found === 'cut' ? undefined : found;
}

/** How the function travels, or why it cannot. */
async function wayOf(fn: AnyFunction): Promise<{ ref: FunctionRef | undefined; cannotTravel: string | undefined }> {
  try {
    return { ref: await referenceOf(fn), cannotTravel: undefined };
  } catch (error) {
    if (!(error instanceof NotPortableError)) throw error;
    return { ref: undefined, cannotTravel: error.message };
  }
}
