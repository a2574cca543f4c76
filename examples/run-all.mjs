// Runs every example one after the other and ends with 1 if any of them fails:  node examples/run-all.mjs
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const names = readdirSync(here, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const failed = [];

for (const name of names.sort()) {
  console.log(`\n${name}`);
  // Not every Node runs TypeScript by itself.
  const main = existsSync(`${here}${name}/main.ts`) ? ['--import', 'tsx', `${here}${name}/main.ts`] : [`${here}${name}/main.mjs`];
  const { status, signal, error } = spawnSync(process.execPath, main, { stdio: 'inherit', timeout: 120_000 });
  if (status === 0) continue;
  failed.push(name);
  console.error(`${name} failed: ${error?.message ?? `it ended with ${signal ?? `exit code ${status}`}`}`);
}

console.log(
  `\n${names.length - failed.length} of ${names.length} examples ran${failed.length > 0 ? `; failed: ${failed.join(', ')}` : ''}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;
