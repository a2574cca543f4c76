import { resolve } from 'node:path';
import { bare, clock, InputError, OptionError, OutputError, onAbort, RunCallbacks, readOptions } from '../core/index.js';
import type { Settled } from '../futures/index.js';
import { backoffAfter } from './backoff.js';
import { unlessEnded } from './ended.js';
import { sameAs } from './file-id.js';
import { type Item, Malformed } from './item.js';
import { type JobOptions, type JobReport, jobTable } from './job-options.js';
import { checkWorkerOptions, endExecutor, openExecutor } from './open-executor.js';
import { journalOf } from './outputs/names.js';
import { Outputs, type Resumed } from './outputs/outputs.js';
import { recordedInput } from './outputs/results-file.js';
import { LineSink, UnreadError } from './outputs/sink.js';
import { ProgressMeter } from './progress.js';
import { TokenBucket } from './rate.js';
import { inputJson, recordLine } from './record.js';
import { Run } from './run.js';

/**
 * Runs a function over a source and writes one line of JSON for each input: `{"index", "input", "status", "value"}`, or with
 * status `rejected` and `error`. With `out` and `resume`, a job that was killed at any moment continues: in the end every input has
 * exactly one line in `out` and `errors` together.
 *
 * Cancelling: `stop` ends it gently, `signal` at once; both keep what is done.
 *
 * @returns What became of it, also when it broke half way.
 * @throws {InputError} code `MEANTIME_INPUT`, if the source cannot be opened.
 * @throws {OutputError} code `MEANTIME_OUTPUT`, if an output cannot be opened, or has results that are neither continued nor overwritten.
 *
 * @example
 * ```ts run
 * import { mkdtemp, readFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { range, runJob } from 'meantime/batch';
 *
 * const out = `${await mkdtemp(`${tmpdir()}/job-`)}/squares.jsonl`;
 * const report = await runJob({ fn: (n: number) => n * n, source: range(2, 3), out, on: 'tasks', ordered: true });
 * report.done; // => 2
 * (await readFile(out, 'utf8')).split('\n')[0]; // => '{"index":0,"input":2,"status":"fulfilled","value":4}'
 * ```
 */
export async function runJob(options: JobOptions): Promise<JobReport> {
  const read = readOptions('runJob', options, jobTable);
  for (const name of ['fn', 'source'] as const) {
    if (read[name] === undefined) throw new OptionError(`runJob needs the option "${name}"`);
  }
  if (read.out === undefined && (read.resume || read.retryFailed)) {
    throw new OptionError('To resume needs "out": only results in a file can be continued');
  }
  checkWorkerOptions(read);
  // The user's code may change the working directory before the files are opened.
  const home = resolve(read.cwd ?? '.');
  const names = { out: read.out, errors: read.errors };
  read.cwd = home;
  if (read.out !== undefined) read.out = resolve(home, read.out);
  if (read.errors !== undefined) read.errors = resolve(home, read.errors);
  const source = read.source.without(writtenBy(read));
  const outputs = await unlessEnded([read.stop, read.signal], async (ended) => {
    await ended.during(source.check());
    return openOutputs(read, names, ended.signal);
  });
  if (outputs === undefined) return notBegun(read);
  try {
    return await new Job(bare({ ...read, source }), outputs).run();
  } finally {
    outputs.close();
  }
}

/** Of a run that was told to end before it had begun. */
function notBegun({ signal, resume = false }: JobOptions): JobReport {
  return {
    ...new ProgressMeter(0, undefined).now(),
    failedBefore: 0,
    state: signal?.aborted ? 'broken' : 'stopped',
    resumable: resume,
    error: signal?.aborted ? signal.reason : undefined,
  };
}

/** The files that a run writes, as paths and descriptors: none of them may be one of its inputs. */
const writtenBy = ({ out, errors }: JobOptions): (string | number)[] => [
  ...(out === undefined ? [] : [out, journalOf(out)]),
  ...(errors === undefined ? [] : [errors]),
  1,
  2,
];

function openOutputs(options: JobOptions, names: Pick<JobOptions, 'out' | 'errors'>, ended: AbortSignal): Promise<Outputs> {
  const { out, errors, fn, identity, source, resume = false, force = false, retryFailed = false, cwd = '.', onNote } = options;
  const asked = {
    out,
    errors,
    names,
    function: identity ?? { file: cwd, name: fn.name },
    inputs: source.kind,
    resume,
    force,
    retryFailed,
    ended,
  };
  return Outputs.open(asked, (note) => onNote?.(note));
}

/** How long a run that is to end waits for the reader of a full pipe, in ms. */
const PATIENCE = 1000;

class Job {
  readonly #options: JobOptions;
  readonly #outputs: Outputs;
  readonly #meter: ProgressMeter;
  readonly #out: LineSink;
  readonly #errors: LineSink | undefined;
  #run: Run<unknown, unknown> | undefined;
  #broken: { error: unknown } | undefined;
  #stopped = false;
  readonly #callbacks = new RunCallbacks((error) => this.#break(error));

  constructor(options: JobOptions, outputs: Outputs) {
    const { onStart, onProgress, onFailure, onDecision } = options;
    this.#options = bare(options, {
      onStart: this.#callbacks.of(onStart),
      onProgress: this.#callbacks.of(onProgress),
      onFailure: this.#callbacks.of(onFailure),
      onDecision: this.#callbacks.of(onDecision),
    });
    this.#outputs = outputs;
    this.#meter = new ProgressMeter(options.progressEvery ?? 100, this.#options.onProgress);
    const failed = (error: Error) => this.#break(error);
    this.#out = new LineSink(outputs.out, failed);
    if (outputs.errors !== undefined) this.#errors = new LineSink(outputs.errors, failed);
  }

  async run(): Promise<JobReport> {
    const { source, onStart } = this.#options;
    const { journal, resumed } = this.#outputs;
    const counting = new AbortController();
    const ticking = this.#meter.start();
    try {
      const total = source.total(counting.signal).then(
        (count) => {
          this.#meter.total = count;
        },
        () => undefined, // a file that cannot be counted cannot be read either, and reading it tells
      );
      // What is known at once is there for the first report; a long count goes on beside the run.
      await Promise.race([total, new Promise<void>((resolve) => clock.soon(resolve))]);
      onStart?.(this.#meter.now());
      await this.#work();
      await this.#checkEnd();
    } catch (error) {
      this.#broken ??= { error: error instanceof Changed ? await this.#explain(error) : error };
    } finally {
      counting.abort();
      ticking.cancel();
    }
    for (const sink of [this.#out, this.#errors]) {
      try {
        await sink?.end();
      } catch (error) {
        if (error instanceof UnreadError) this.#options.onNote?.(error.message);
        else this.#broken ??= { error };
      }
    }
    await this.#callbacks.ended();
    const { gone } = this.#outputs;
    if (gone) this.#broken = { error: gone };
    const finished = !this.#broken && !this.#stopped;
    try {
      if (finished) journal?.finish();
    } catch (error) {
      this.#broken = { error };
    }
    const end = this.#meter.now();
    return {
      ...end,
      failedBefore: resumed?.failed ?? 0,
      state: this.#broken ? 'broken' : this.#stopped ? 'stopped' : 'finished',
      resumable: journal !== undefined && !gone,
      error: this.#broken?.error,
    };
  }

  async #work(): Promise<void> {
    const { fn, source, ordered = false, retries, backoff, rate, timeout, chunk, signal: end, stop } = this.#options;
    const wait = backoffAfter(backoff);
    // The function's own output must not get between the result lines.
    const printed = this.#options.out === undefined || sameAs(this.#outputs.out.fd, [1]) !== undefined;
    const opened = await openExecutor(this.#options, printed ? 'stderr' : undefined);
    this.#meter.point = opened.point;
    const run = new Run<unknown, unknown>({
      executor: opened.executor,
      fn,
      reader: source.open(),
      ordered,
      retries,
      wait,
      rate: rate === undefined ? undefined : new TokenBucket(rate),
      timeout,
      chunk,
      buffer: rate === undefined ? undefined : opened.slots,
      skip: this.#outputs.resumed && ((index, item) => this.#isDone(index, item)),
      // Where no worker can start, every input would fail of the same, and none has been run.
      hopeless: opened.isStartFailure,
      emit: (outcome) => this.#emit(outcome),
    });
    this.#run = run;
    let ending: Promise<void> | undefined;
    const hurry = (patience: number) => {
      for (const sink of [this.#out, this.#errors]) sink?.hurry(patience);
    };
    const halt = () => {
      this.#stopped = true;
      hurry(PATIENCE);
      run.stop();
      this.#options.onStopping?.(opened.notBegun?.() ?? []);
      // What waits in the executor's queue has not begun: it is left for the run that resumes.
      if (opened.own) ending = opened.executor.shutdown({ cancelPending: true });
    };
    const releases: (() => void)[] = [];
    try {
      if (stop) releases.push(onAbort(stop, halt));
      const endNow = () => {
        hurry(0);
        this.#break(end?.reason);
      };
      if (end) releases.push(onAbort(end, endNow));
      if (this.#broken) run.cancel(this.#broken.error); // an output that failed at its first byte
      await run.finished();
    } finally {
      for (const release of releases) release();
      await ending;
      await endExecutor(opened, this.#broken !== undefined);
    }
  }

  #emit(outcome: Settled<unknown, unknown>): void | Promise<void> {
    const { line, failed } = recordLine(outcome);
    const sink = failed && this.#errors ? this.#errors : this.#out;
    const pressure = sink.write(line);
    this.#meter.count(failed);
    if (failed && this.#options.onFailure) {
      const reason = outcome.status === 'rejected' ? outcome.reason : new OutputError('The result cannot be written as JSON');
      this.#options.onFailure({ index: outcome.index, input: outcome.input, reason });
    }
    return pressure;
  }

  #isDone(index: number, item: Item<unknown>): boolean {
    const { done } = this.#outputs.resumed as Resumed;
    if (!done.has(index)) return false;
    const text = inputJson(item instanceof Malformed ? item.raw : item);
    if (!done.matches(index, text)) throw new Changed(index, text);
    this.#meter.skip();
    return true;
  }

  async #explain({ index, text }: Changed): Promise<InputError> {
    const { source } = this.#options;
    const was = await recordedInput(this.#outputs.files, index);
    const short = (json: string) => (json.length > 200 ? `${json.slice(0, 200)}…` : json);
    return new InputError(
      `The inputs have changed since the run that is resumed: input ${index} of ${source.label} is now ${short(text)} and was ${short(was)}; give the same inputs, or start over with --force`,
    );
  }

  /** After a resumed run: were its inputs those of the former one? */
  async #checkEnd(): Promise<void> {
    const done = this.#outputs.resumed?.done;
    const run = this.#run as Run<unknown, unknown>;
    if (done === undefined || this.#stopped || this.#broken || run.taken >= done.end) return;
    throw new InputError(
      `The inputs have changed since the run that is resumed: ${this.#options.source.label} ended after ${run.taken} inputs, and input ${done.end - 1} has a result`,
    );
  }

  #break(error: unknown): void {
    this.#broken ??= { error };
    this.#run?.cancel(error);
  }
}

/** An input that is not the one whose result was recorded. */
class Changed extends Error {
  readonly index: number;
  readonly text: string;

  constructor(index: number, text: string) {
    super(`Input ${index} has changed`);
    this.index = index;
    this.text = text;
  }
}
