import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const fixtures = fileURLToPath(new URL('../../test/fixtures/batch/', import.meta.url));
export const functions = join(fixtures, 'functions.mjs');

/** A line of a results file. */
export interface ResultLine {
  index: number;
  input: unknown;
  status: 'fulfilled' | 'rejected';
  value?: unknown;
  error?: { name: string; message: string; code?: string; stack?: string };
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A command that is running, as a user would have started it. */
export class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], options: { cwd?: string; env?: Record<string, string>; detached?: boolean } = {}) {
    const { cwd, env, detached = false } = options;
    this.child = spawn(process.execPath, [main, ...args], { cwd, detached, env: { ...process.env, ...env }, stdio: 'pipe' });
    this.child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.#stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.#stderr += text;
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal, stdout: this.#stdout, stderr: this.#stderr }));
  }

  /** Resolves once stderr has the text; rejects if the command ends without it. */
  async says(text: string): Promise<void> {
    const ended = this.ended.then(() => 'ended');
    while (!this.#stderr.includes(text)) {
      const what = await Promise.race([once(this.child.stderr as NodeJS.ReadableStream, 'data'), ended]);
      if (what === 'ended' && !this.#stderr.includes(text)) throw new Error(`ended without saying "${text}": ${this.#stderr}`);
    }
  }
}

/** Runs `meantime` with these arguments to its end. */
export function meantime(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; input?: string | Buffer } = {},
): Promise<Ended> {
  const running = new Running(args, options);
  running.child.stdin?.on('error', () => undefined); // it may end without reading
  running.child.stdin?.end(options.input ?? '');
  return running.ended;
}

/** A folder that is gone after the test. */
export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'meantime-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The result lines in a text. */
export const resultLines = (text: string): ResultLine[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** The result lines in files, all together; a file that is not there has none. */
export const resultsIn = (...files: string[]): ResultLine[] =>
  files.flatMap((file) => (existsSync(file) ? resultLines(readFileSync(file, 'utf8')) : []));

/** What is wrong with a list of results for the inputs 0 to n - 1 by index; an empty list if each is there once. */
export function notOnce(results: readonly ResultLine[], n: number): string[] {
  const times = new Array(n).fill(0);
  const wrong: string[] = [];
  for (const { index } of results) {
    if (index >= n) wrong.push(`${index} is too high`);
    else times[index]++;
  }
  times.forEach((count, index) => {
    if (count !== 1) wrong.push(`${index}: ${count} times`);
  });
  return wrong.slice(0, 20);
}
