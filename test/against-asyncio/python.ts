import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Program, Trace } from './program.js';

/** What asyncio did with a program, and how often each rule of differences.ts was needed for it. */
export interface Answer {
  readonly trace: Trace;
  readonly rules: Readonly<Record<string, number>>;
  /**
   * Why it cannot be compared. `stuck`: something waits for ever. `naming`: between a task's being cut off and its going on, in the same instant, another scope around it was cancelled.
   * The outermost one names the error when it is thrown; when that is, differs by a turn of a promise.
   */
  readonly cannot: 'stuck' | 'naming' | null;
}

/** Where these files are written, and not where they are compiled to. */
export const folder = fileURLToPath(new URL('../../../test/against-asyncio/', import.meta.url));

const names = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];

/** A Python that is new enough: `MEANTIME_PYTHON` if that is set, which then has to be; `undefined` if there is none. */
export function findPython(): string | undefined {
  const named = process.env.MEANTIME_PYTHON;
  for (const name of named ? [named] : names) {
    const { status } = spawnSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))'], { stdio: 'ignore' });
    if (status === 0) return name;
  }
  if (named) throw new Error(`MEANTIME_PYTHON is to name a Python of 3.11 or newer, got ${named}`);
  return undefined;
}

/** A Python that runs programs, one after another. */
export class Python {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  readonly #over: Promise<unknown>;
  readonly version: Promise<string>;
  #complaints = '';

  /** @param flavour `plain`: asyncio as it is, without what is meant to be otherwise. */
  constructor(name: string, flavour: 'translated' | 'plain' = 'translated') {
    // Without bytecode: nothing is written into the project.
    this.#child = spawn(name, ['-B', join(folder, 'runner.py'), flavour], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text;
    });
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    this.#over = once(this.#child, 'close');
    this.version = new Promise((resolve) => {
      this.#lines.on('line', (line: string) => {
        const said = JSON.parse(line) as Answer | { readonly python: string };
        if ('python' in said) resolve(said.python);
        else this.#waiting.shift()?.resolve(said);
      });
    });
    this.#over.then(() => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`Python ended before its answer:\n${this.#complaints}`));
    });
  }

  run(program: Program): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#child.stdin?.write(`${JSON.stringify(program)}\n`);
    return answer;
  }

  /** @throws if Python had anything to complain of. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    await this.#over;
    if (this.#complaints !== '') throw new Error(`Python complains:\n${this.#complaints}`);
  }
}
