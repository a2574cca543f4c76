import { differences, shown } from './compare.js';
import { type Choice, choices } from './forms.js';
import { generate, type Size } from './generate.js';
import { Interpreter } from './interpret.js';
import { Lots } from './lots.js';
import type { Program, Trace } from './program.js';
import type { Answer, Python } from './python.js';
import type { Runtime } from './runtime.js';
import { shrink } from './shrink.js';

/** The forms in which a program is run. */
export type FormName = keyof typeof choices;

/** A program in which the two differ. */
export interface Found {
  readonly seed: number;
  readonly form: FormName;
  readonly differences: readonly string[];
}

/** A program, and what asyncio did with it. */
export interface Case {
  readonly seed: number;
  readonly program: Program;
  readonly trace: Trace;
  /** Whether two timers may ring at the same instant. */
  readonly ties: boolean;
}

export const asCase = (seed: number, program: Program, { trace, rules }: Answer): Case => ({
  seed,
  program,
  trace,
  ties: rules['fifo-timers'] !== undefined,
});

/** Runs a case in Meantime, in one form. */
export function traceOf(lib: Runtime, { seed, program }: Pick<Case, 'seed' | 'program'>, form: FormName): Promise<Trace> {
  const choice: Choice = choices[form](new Lots(seed));
  return new Interpreter(lib, program, choice).run();
}

/**
 * Runs a case in both forms, and in both mixed: an async function goes on one turn of its promise later than a generator, so the last is compared only where no two
 * timers ring at the same instant.
 */
export async function hold(lib: Runtime, one: Case): Promise<Found | undefined> {
  for (const form of ['generators', 'asyncs', 'mixed'] as const) {
    if (form === 'mixed' && one.ties) continue;
    const found = differences(one.trace, await traceOf(lib, one, form));
    if (found.length > 0) return { seed: one.seed, form, differences: found };
  }
  return undefined;
}

/** So many cases from a seed on. What cannot be compared is drawn anew, and counted. */
export async function draw(
  python: Python,
  from: number,
  count: number,
  size?: Size,
): Promise<{ cases: Case[]; answers: Answer[]; redrawn: number }> {
  const cases: Case[] = [];
  const answers: Answer[] = [];
  let next = from;
  while (cases.length < count) {
    const drawn = Array.from({ length: count - cases.length }, () => ({ seed: next, program: generate(next++, size) }));
    const answered = await Promise.all(drawn.map(({ program }) => python.run(program)));
    for (const [i, { seed, program }] of drawn.entries()) {
      const answer = answered[i] as Answer;
      if (answer.cannot !== null) continue;
      cases.push(asCase(seed, program, answer));
      answers.push(answer);
    }
  }
  return { cases, answers, redrawn: next - from - count };
}

/** The smallest program that still shows the difference, with both traces, for people. */
export async function explain(lib: Runtime, python: Python, { seed, form, differences: at }: Found, program: Program): Promise<string> {
  const shows = async (smaller: Program): Promise<string[]> => {
    const answer = await python.run(smaller);
    return answer.cannot === null ? differences(answer.trace, await traceOf(lib, { seed, program: smaller }, form)) : [];
  };
  const small = await shrink(program, async (smaller) => (await shows(smaller)).length > 0);
  const { trace } = await python.run(small);
  const { name } = choices[form](new Lots(seed));
  return [
    `asyncio and Meantime (${name}) differ in program ${seed}: ${at.join('; ')}`,
    'The smallest program that shows it:',
    JSON.stringify(small),
    ...(await shows(small)),
    'asyncio:',
    shown(trace),
    `Meantime, ${name}:`,
    shown(await traceOf(lib, { seed, program: small }, form)),
  ].join('\n');
}
