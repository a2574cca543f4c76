import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate, type Size } from './generate.js';
import type { Trace } from './program.js';
import { folder } from './python.js';
import type { Case } from './versus.js';

export const file = join(folder, 'recorded.jsonl');
/** Smaller than usual: what is recorded is in the repository. */
export const size: Size = { tasks: 4, steps: 4 };

/** The first line: which Python has been asked, and a digest of the programs, which are drawn again from their seeds. */
interface Head {
  readonly python: string;
  readonly programs: string;
}

/** A trace on one line: the seed, whether timers tie, then by task what it did and how it ended. */
type Line = readonly [seed: number, ties: 0 | 1, tasks: Readonly<Record<string, string>>];

export const digest = (cases: readonly Pick<Case, 'program'>[]): string =>
  createHash('sha256')
    .update(JSON.stringify(cases.map(({ program }) => program)))
    .digest('hex')
    .slice(0, 16);

const names = (trace: Trace): string[] => Object.keys(trace.did).sort();

function toLine({ seed, ties, trace }: Case): Line {
  const told = (name: string) => [...(trace.did[name] ?? []), ...(trace.ended[name] === undefined ? [] : [`= ${trace.ended[name]}`])];
  return [seed, ties ? 1 : 0, Object.fromEntries(names(trace).map((name) => [name, told(name).join(';')]))];
}

function fromLine([seed, ties, tasks]: Line): Case {
  const did: Record<string, string[]> = {};
  const ended: Record<string, string> = {};
  for (const [name, told] of Object.entries(tasks)) {
    const lines = told.split(';');
    if (lines.at(-1)?.startsWith('= ')) ended[name] = (lines.pop() as string).slice(2);
    did[name] = lines;
  }
  return { seed, ties: ties === 1, program: generate(seed, size), trace: { did, ended } };
}

/** What is in the file. */
export function write(python: string, cases: readonly Case[]): string {
  const head: Head = { python, programs: digest(cases) };
  return [head, ...cases.map(toLine)].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/**
 * What asyncio once did. Who got what in which order is not in it, beyond what each task did.
 *
 * @throws if the generator draws other programs by now.
 */
export function read(text = readFileSync(file, 'utf8')): { python: string; cases: Case[] } {
  const [head, ...lines] = text.trim().split('\n');
  const { python, programs } = JSON.parse(head as string) as Head;
  const cases = lines.map((line) => fromLine(JSON.parse(line) as Line));
  if (digest(cases) !== programs)
    throw new Error('recorded.jsonl is of other programs than the generator draws now: run node build/test/against-asyncio/record.js');
  return { python, cases };
}

/** A trace as it would be if it had been recorded. */
export const asRecorded = (one: Case): Case => fromLine(toLine(one));
