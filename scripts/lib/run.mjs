import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Runs Node with these arguments in sight of the user and gives its exit code. */
export function node(args, env = {}) {
  const { status, signal, error } = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (error) throw error;
  return signal ? 128 : (status ?? 1);
}

const compiler = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')));

/** Type-checks and emits a project; gives the compiler's exit code. */
export const tsc = (project) => node([compiler, '-p', project]);

/** Every file below a folder whose name ends so, sorted; none if the folder is not there. */
export function filesBelow(folder, ending) {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => name.endsWith(ending))
      .map((name) => join(folder, name))
      .sort();
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
