import { type AdviseOptions, advise, formatAdvice } from '../advisor/index.js';
import { toJsonLine } from '../batch/index.js';
import { bare, CancelledError } from '../core/index.js';
import type { CommandLine } from './command.js';
import { untouched } from './ending.js';
import { ExitCode, UsageError } from './exit-code.js';
import { findFunction } from './find-function.js';
import { chooseSource } from './inputs.js';
import { Interrupts } from './interrupts.js';
import { screenOf } from './screen.js';

/** `meantime advise`: measures a function with the first of its inputs and prints the advice. Gives the exit code. */
export async function adviseCommand({ spec, inputs, values }: CommandLine): Promise<number> {
  if (spec === undefined) throw new UsageError('Expected a function, such as ./thumbs.ts#resize, and inputs for it');
  const source = chooseSource(inputs, values).without([1, 2]);
  const [stdout, stderr] = [untouched(process.stdout), untouched(process.stderr)];
  await source.check();
  const cwd = process.cwd();
  const { fn, name } = await findFunction(spec);
  // The process that measures imports the module again, and starts where this one is.
  process.chdir(cwd);
  const interrupts = new Interrupts(() => screenOf(stderr).say('Stopping'));
  const options: AdviseOptions = bare({ signal: interrupts.signal });
  for (const option of ['timeout', 'budget'] as const) if (values.has(option)) options[option] = values.get(option) as number;
  try {
    const advice = { ...(await advise(fn, source, options)), name };
    screenOf(stdout).write(`${values.has('json') ? toJsonLine(advice) : formatAdvice(advice)}\n`);
    return advice.calls > advice.failed ? ExitCode.ok : ExitCode.failed;
  } catch (error) {
    if (error instanceof CancelledError && interrupts.signal.aborted) return ExitCode.interrupted;
    throw error;
  } finally {
    interrupts.close();
  }
}
