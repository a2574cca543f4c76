import { type CompareOptions, type CompareProgress, type Comparison, compare, formatComparison } from '../advisor/index.js';
import { toJsonLine } from '../batch/index.js';
import { bare } from '../core/index.js';
import type { CommandLine } from './command.js';
import { printToStderr, untouched } from './ending.js';
import { ExitCode, UsageError } from './exit-code.js';
import { findFunction } from './find-function.js';
import { chooseSource } from './inputs.js';
import { Interrupts } from './interrupts.js';
import { type Screen, screenOf } from './screen.js';

/** `meantime compare`: runs the inputs in every way there is and prints how they did. Gives the exit code. */
export async function compareCommand({ spec, inputs, values }: CommandLine): Promise<number> {
  if (spec === undefined) throw new UsageError('Expected a function, such as ./thumbs.ts#resize, and inputs for it');
  const source = chooseSource(inputs, values).without([1, 2]);
  // The table belongs to standard output, and what the user's code prints does not.
  const screen = screenOf(process.stdout);
  const stderr = untouched(process.stderr);
  printToStderr();
  const { fn } = await findFunction(spec);
  await source.check();
  const line = new ProgressLine(stderr, !values.has('quiet') && !values.has('json'));
  const interrupts = new Interrupts(() => line.note('Stopping: here is what has been measured; once more stops at once'));
  const options: CompareOptions = bare({ stop: interrupts.signal, stdout: 'stderr', onProgress: (progress) => line.draw(progress) });
  for (const [flag, option] of passedOn) if (values.has(flag)) Object.assign(options, { [option]: values.get(flag) });
  try {
    const comparison = await compare(fn, source, options);
    line.clear();
    const text = values.has('json') ? `${toJsonLine(comparison)}\n` : formatComparison(comparison, { columns: process.stdout.columns });
    return (await written(screen, text)) ? exitCode(comparison) : ExitCode.brokenPipe;
  } finally {
    line.clear();
    interrupts.close();
  }
}

/** Options of the command that are options of `compare`. */
const passedOn: readonly (readonly [string, keyof CompareOptions])[] = [
  ['on', 'on'],
  ['rounds', 'rounds'],
  ['max-inputs', 'maxInputs'],
  ['timeout', 'timeout'],
];

function exitCode({ state, rows }: Comparison): number {
  if (state === 'stopped') return ExitCode.interrupted;
  return state === 'timed-out' || rows[0].failed > 0 || rows[0].state !== 'measured' ? ExitCode.failed : ExitCode.ok;
}

/** @returns Whether somebody was there to read it. */
function written({ write }: Screen, text: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? resolve(false) : reject(error));
    process.stdout.once('error', failed);
    write(text, (error) => (error ? failed(error) : resolve(true)));
  });
}

/** On a terminal, one line that says what is being measured. */
class ProgressLine {
  readonly #screen: Screen;
  readonly #shown: boolean;

  constructor(stderr: NodeJS.WriteStream, shown: boolean) {
    this.#screen = screenOf(stderr);
    this.#shown = shown;
  }

  draw({ label, round, rounds }: CompareProgress): void {
    if (!this.#shown || !this.#screen.isTTY) return;
    this.#screen.draw(`round ${round}${rounds === undefined ? '' : ` of ${rounds}`}: ${label}`);
  }

  note(text: string): void {
    this.clear();
    this.#screen.say(text);
  }

  clear(): void {
    this.#screen.clear();
  }
}
