import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const folder = new URL('../../../../test/fixtures/tasks/debug/', import.meta.url);

/** What a program has printed, and the warnings of debug mode among it, in order. */
export interface Told {
  readonly stdout: string;
  readonly stderr: string;
  readonly warnings: { code: string; text: string }[];
}

export const programAt = (name: string): string => fileURLToPath(new URL(name, folder));

/** The environment of this process, in debug mode or not. */
export function environment(isDebugging: boolean): NodeJS.ProcessEnv {
  const { MEANTIME_DEBUG: _, ...env } = process.env;
  return isDebugging ? { ...env, MEANTIME_DEBUG: '1' } : env;
}

/** Runs a program of the fixtures in a process of its own. */
export function play(program: string, isDebugging: boolean, ...args: string[]): Promise<Told> {
  return new Promise((resolve) => {
    execFile(process.execPath, [programAt(program), ...args], { env: environment(isDebugging) }, (_error, stdout, stderr) => {
      const parts = stderr.split(/^(?=\(node:\d+\) \[)/m).flatMap((part) => {
        const [, code, text] = /^\(node:\d+\) \[(MEANTIME_\w+)\] ([\s\S]*)$/.exec(part) ?? [];
        return code === undefined ? [] : [{ code, text }];
      });
      resolve({ stdout, stderr, warnings: parts });
    });
  });
}

/** Without debug mode the same program warns of nothing. */
export async function assertSilent(program: string, ...args: string[]): Promise<void> {
  const { warnings, stderr } = await play(program, false, ...args);
  assert.deepEqual(warnings, [], stderr);
}
