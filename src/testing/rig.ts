import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clock } from '../core/index.js';
import type { Executor } from '../futures/index.js';
import { linesOf, pause } from './calls.js';
import type { ExecutorUnderTest, MakeOptions } from './check-executor.js';

/** How a program that was run came to its end. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The longest that a program may take, in ms. */
const PROGRAM = 20_000;

/** What one check works with: executors, a folder for the files in which calls tell what they did, and waiting for those. */
export class Rig {
  readonly kind: ExecutorUnderTest;
  readonly #executors: Executor[] = [];
  #folder: string | undefined;
  #files = 0;

  constructor(kind: ExecutorUnderTest) {
    this.kind = kind;
  }

  /** Whether calls run elsewhere than on this thread. */
  get isFar(): boolean {
    return this.kind.cannot?.workers === undefined;
  }

  /** An executor of its own for this check; two workers unless the options say otherwise. */
  make(options: MakeOptions = {}): Executor {
    // Without a prototype: one check pollutes that, and what is under test is the executor, not `make`.
    const executor = this.kind.make(Object.assign(Object.create(null), { workers: 2 }, options));
    this.#executors.push(executor);
    return executor;
  }

  /** A path where no file is yet. */
  file(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'meantime-check-'));
    return join(this.#folder, `${this.#files++}`);
  }

  /** Makes the file that somebody waits for. */
  open(gate: string): void {
    writeFileSync(gate, '');
  }

  /** Waits until something is so, at most `ms`. */
  async until(what: string, isSo: () => boolean, ms = 10_000): Promise<void> {
    const end = clock.now() + ms;
    while (!isSo()) {
      if (clock.now() > end) assert.fail(`waited ${ms} ms in vain until ${what}`);
      await pause(2);
    }
  }

  /** Waits until the file has `n` lines, and returns them. */
  async lines(file: string, n: number): Promise<string[]> {
    await this.until(`${n} lines were noted, not ${linesOf(file).length}`, () => linesOf(file).length >= n);
    return linesOf(file);
  }

  /** Waits until nothing has been added to the file for a while, and returns how long (ms) things were still added. */
  async quiet(file: string, ms: number): Promise<number> {
    const began = clock.now();
    let size = linesOf(file).length;
    let last = began;
    while (clock.now() - last < ms) {
      await pause(5);
      const now = linesOf(file).length;
      if (now !== size) last = clock.now();
      size = now;
      assert.ok(clock.now() - began < 10_000, 'it goes on for ever');
    }
    return last - began;
  }

  /**
   * Runs a program that has `executor`, `calls` and `assert`, and gives how it ended. One that does not end by itself in time is killed and
   * is a failure.
   */
  run(body: string): Promise<ProgramEnd> {
    const calls = new URL('../testing/calls.js', import.meta.url).href;
    const source = `import assert from 'node:assert/strict';\nimport * as calls from '${calls}';\n${this.kind.program}\n${body}`;
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { stdio: ['ignore', 'pipe', 'pipe'] });
      let [stdout, stderr, late] = ['', '', false];
      child.stdout.on('data', (chunk) => {
        stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      const timer = clock.after(PROGRAM, () => {
        late = true;
        child.kill('SIGKILL');
      });
      child.once('error', reject);
      child.once('close', (code) => {
        timer.cancel();
        if (late) reject(new Error(`the program had not ended by itself after ${PROGRAM} ms; stdout: ${stdout}; stderr: ${stderr}`));
        else resolve({ code, stdout, stderr });
      });
    });
  }

  /** Ends everything, whatever state it is in. */
  async clear(): Promise<void> {
    await Promise.all(this.#executors.map((executor) => executor.shutdown({ cancelPending: true, grace: 0 })));
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}
