import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Where this package can be imported by its name. */
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;

export interface Program {
  readonly process: ChildProcess;
  /** Waits until it has written this to stdout. */
  wrote(text: string): Promise<void>;
  /** How it ended, and all that it wrote. */
  readonly end: Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>;
}

/** Runs a program of its own: the text of a module, in which all names of `meantime/tasks` can be imported. */
export function program(text: string, more: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], { cwd: root, env: { ...env, ...more } });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (data) => {
    stdout += data;
  });
  child.stderr.setEncoding('utf8').on('data', (data) => {
    stderr += data;
  });
  return {
    process: child,
    async wrote(what) {
      while (!stdout.includes(what)) {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode} and has not written ${what}: ${stdout}${stderr}`);
        await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
      }
    },
    end: once(child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr })),
  };
}
