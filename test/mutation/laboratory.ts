import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Answer, Question } from './trial.js';

/** Processor time without a sign of life that counts as an endless loop, and time that counts as a hang (ms). */
const CPU = 5000;
const SILENCE = 60_000;

export type Outcome = { failed: NonNullable<Answer['failed']> } | { passed: Record<string, number[]> };

/** Asks the process in which mutants are tried, and gives it a successor when it loops, hangs or dies. */
export class Laboratory {
  #child: ChildProcess | undefined = undefined;

  async ask(question: Question): Promise<Outcome> {
    this.#child ??= fork(fileURLToPath(new URL('trial.js', import.meta.url)), {
      execArgv: ['--max-old-space-size=900', '--no-warnings'],
      env: { ...process.env, MEANTIME_SEED: '1', PATH: '/none' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const child = this.#child;
    let errors = '';
    child.stderr
      ?.setEncoding('utf8')
      .removeAllListeners('data')
      .on('data', (text) => {
        errors = (errors + text).slice(-300);
      });
    const answer = await new Promise<Answer>((done) => {
      let heardAt = performance.now();
      let usedAt = processorTime(child);
      const lost = (why: string) => {
        clearInterval(watch);
        done({ failed: { file: '', why, isSure: true } });
      };
      const watch = setInterval(() => {
        if (processorTime(child) - usedAt > CPU) lost('an endless loop');
        else if (performance.now() - heardAt > SILENCE) lost('silence');
      }, 300);
      child.removeAllListeners();
      child.once('exit', (code, signal) => lost(`the process ended with ${signal ?? code}: ${errors}`));
      child.on('message', (message: Answer) => {
        heardAt = performance.now();
        usedAt = processorTime(child);
        if (message.failed === undefined) return;
        clearInterval(watch);
        done(message);
      });
      child.send(question);
    });
    if (answer.failed && (!answer.failed.isSure || answer.failed.file === '')) this.end(); // what it has left running would disturb the next one
    return answer.failed ? { failed: answer.failed } : { passed: answer.hits ?? {} };
  }

  end(): void {
    this.#child?.removeAllListeners();
    this.#child?.on('error', () => undefined);
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}

/** Used up by a process so far, in ms; where that cannot be read, the time itself. */
function processorTime({ pid }: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return performance.now();
  }
}
