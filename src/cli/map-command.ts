import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Decision } from '../advisor/index.js';
import { type JobOptions, type JobReport, type NotBegun, runJob, sameAs } from '../batch/index.js';
import { bare, CancelledError, InputError, shown } from '../core/index.js';
import { begun, printToStderr, untouched } from './ending.js';
import { ExitCode, UsageError } from './exit-code.js';
import { findFunction } from './find-function.js';
import { chooseSource } from './inputs.js';
import { Interrupts } from './interrupts.js';
import { chooseView, type ProgressView } from './progress-view.js';
import { screenOf } from './screen.js';

/** `meantime map`: puts a job together from the command line, runs it, and says how it went. Gives the exit code. */
export async function mapCommand(
  spec: string | undefined,
  inputs: readonly string[],
  values: ReadonlyMap<string, unknown>,
  again: string,
): Promise<number> {
  if (spec === undefined) throw new UsageError('Expected a function, such as ./thumbs.ts#resize, and inputs for it');
  const source = chooseSource(inputs, values);
  // The user's module may change the working directory, and what standard error does.
  const cwd = process.cwd();
  const out = values.get('out') as string | undefined;
  const stderr = untouched(process.stderr);
  if (out === undefined || sameAs(out, [1]) !== undefined) printToStderr();
  const found = await findFunction(spec, values.get('start-timeout') as number | undefined);
  const view = chooseView({ json: values.has('json'), quiet: values.has('quiet') }, stderr);
  const interrupts = new Interrupts(
    () => view.note('Stopping: what is running is finished first; once more stops at once'),
    () => view.note(howToResume(out !== undefined, again)),
  );
  for (const flag of ['max-workers', 'max-concurrency', 'explain']) {
    if (values.has(flag) && !isAuto(values))
      throw new UsageError(`--${flag} is for runs that find out themselves how to run: leave out --on, --workers and --concurrency`);
  }
  const decisions: Decision[] = [];
  const options: JobOptions = bare({
    fn: found.fn,
    source,
    cwd,
    identity: { file: found.file, name: found.name },
    stop: interrupts.signal,
    signal: interrupts.now,
    progressEvery: view.every,
    onStopping: (notBegun) => {
      if (notBegun.length > 0) view.note(waitsFor(notBegun));
    },
    onStart: (progress) => view.start(shown(`${spec} over ${source.label}`), progress),
    onProgress: (progress) => view.progress(progress),
    onNote: (note) => view.note(note),
    onFailure: (failure) => view.failure(failure),
    // Ctrl-C, and the end of a call that never returns, need this thread.
    ...(isAuto(values) && bare<Partial<JobOptions>>({ isolate: true, onDecision: (decision) => decisions.push(decision) })),
  });
  for (const [flag, option] of passedOn) if (values.has(flag)) Object.assign(options, { [option]: values.get(flag) });
  begun(howToResume(out !== undefined, again));
  try {
    const report = await runJob(options);
    const code = conclude(report, { view, stderr, again, now: interrupts.now });
    if (values.has('explain')) view.explain(decisions);
    return code;
  } finally {
    interrupts.close();
  }
}

/** Says what the run still waits for, though nothing runs there yet. */
function waitsFor(notBegun: readonly NotBegun[]): string {
  const modules = new Set(notBegun.map(({ module }) => module));
  const [module] = modules;
  const what = modules.size === 1 && module !== undefined ? `still loading ${typed(module)}` : 'still starting';
  const left = Math.max(...notBegun.map((one) => one.left));
  const limit = left === Number.POSITIVE_INFINITY ? '' : ` (up to ${Math.ceil(left / 1000)} s)`;
  const workers = notBegun.length === 1 ? 'a worker that is' : `${notBegun.length} workers that are`;
  return `Waiting for ${workers} ${what}${limit}; Ctrl-C again stops at once`;
}

/** A module's URL, as one would type it. */
function typed(url: string): string {
  if (!url.startsWith('file:')) return url;
  const path = relative('', fileURLToPath(url));
  return path.startsWith('..') ? fileURLToPath(url) : `./${path}`;
}

/** Whether nobody has chosen where to run. */
const isAuto = (values: ReadonlyMap<string, unknown>): boolean =>
  (values.get('on') ?? 'auto') === 'auto' && !values.has('workers') && !values.has('concurrency');

/** Options of the command that are options of the job. */
const passedOn: readonly (readonly [string, keyof JobOptions])[] = [
  ['on', 'on'],
  ['workers', 'workers'],
  ['concurrency', 'concurrency'],
  ['max-workers', 'maxWorkers'],
  ['max-concurrency', 'maxConcurrency'],
  ['memory-limit', 'memoryLimit'],
  ['timeout', 'timeout'],
  ['start-timeout', 'startTimeout'],
  ['out', 'out'],
  ['errors', 'errors'],
  ['retries', 'retries'],
  ['backoff', 'backoff'],
  ['rate', 'rate'],
  ['chunk', 'chunk'],
  ['ordered', 'ordered'],
  ['resume', 'resume'],
  ['retry-failed', 'retryFailed'],
  ['force', 'force'],
];

const howToResume = (resumable: boolean, again: string): string =>
  resumable ? `To go on where it stopped:\n  ${again}` : 'With --out FILE a run can be resumed.';

interface Telling {
  view: ProgressView;
  stderr: NodeJS.WriteStream;
  /** The command that resumes. */
  again: string;
  /** Whether the run was told to end at once. */
  now: AbortSignal;
}

function conclude(report: JobReport, { view, stderr, again, now }: Telling): number {
  const { error, failed, failedBefore, resumable } = report;
  const state = now.aborted && error === now.reason ? 'stopped' : report.state;
  if (state === 'broken' && error instanceof CancelledError) return ExitCode.brokenPipe;
  view.end(report, state, failedBefore);
  const resume = howToResume(resumable, again);
  if (state === 'broken') {
    const message = error instanceof Error ? error.message : String(error);
    const unread = error instanceof InputError;
    screenOf(stderr).say(`meantime: ${message}.${resumable && !unread ? ` What is written is kept. ${resume}` : ''}`);
    return unread ? ExitCode.usage : ExitCode.failed;
  }
  if (state === 'stopped') {
    view.note(resume);
    return ExitCode.interrupted;
  }
  return failed + failedBefore > 0 ? ExitCode.failed : ExitCode.ok;
}
