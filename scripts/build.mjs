// Compiles src/ to dist/ and removes what no longer has a source: a stale test or module would still be found there.
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { filesBelow, tsc } from './lib/run.mjs';

for (const file of filesBelow('dist', '.js')) {
  const stem = file.slice(0, -'.js'.length);
  if (existsSync(`src${stem.slice('dist'.length)}.ts`)) continue;
  for (const ending of ['.js', '.js.map', '.d.ts', '.d.ts.map']) rmSync(stem + ending, { force: true });
}
const code = tsc('tsconfig.json');
if (existsSync('dist/cli/main.js')) chmodSync('dist/cli/main.js', 0o755);
process.exitCode = code;
