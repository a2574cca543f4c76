import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bare, variable, variablesOf, WorkerStartError } from '../core/index.js';

const entry = fileURLToPath(new URL('../processes/watchdog.entry.js', import.meta.url));

/**
 * Starts the process that takes names away once this one is gone. It outlives this one, also where a whole group of processes is told to end, holds nothing of
 * it but the end of a pipe, and does not keep it alive.
 *
 * @throws {WorkerStartError} if the system gives no process.
 */
export function startWatchdog(): ChildProcess {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const options: SpawnOptions = bare({
    cwd: process.getBuiltinModule('node:path').parse(process.execPath).root,
    env: variablesOf({ SystemRoot: variable('SystemRoot') }), // without it nothing starts on Windows
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    windowsHide: true,
  });
  const child = spawn(process.execPath, ['--max-old-space-size=16', entry], options);
  if (child.pid === undefined) {
    child.on('error', () => undefined); // told here, at once
    throw new WorkerStartError('The watchdog of named blocks could not start: the system gave no process');
  }
  child.unref();
  (child.stdin as unknown as { unref(): void } | null)?.unref();
  return child;
}
