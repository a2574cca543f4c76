// Compiles src/ to build/src/ (one file a module, for the tests beside the code) with declarations in dist/, and bundles the doors into dist/,
// which is what users load; why is told in docs/decisions/005-bundled-doors.md. Clears both first: a stale module would still be found.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { build } from 'esbuild';
import { filesBelow, tsc } from './lib/run.mjs';

for (const folder of ['dist', 'build/src']) rmSync(folder, { recursive: true, force: true });
const code = tsc('tsconfig.build.json');

const { exports, bin } = JSON.parse(readFileSync('package.json', 'utf8'));
const doors = [...Object.values(exports).map((door) => door.default), ...Object.values(bin)].filter(Boolean);
const sources = doors.map((path) => path.replace('./dist/', 'src/').replace(/\.js$/, '.ts'));
// What a worker starts with, and what the conformance suite runs in workers, is loaded by its address.
const byAddress = filesBelow('src', '.ts').filter((path) => /\.entry\.ts$|\/testing\/[a-z-]*calls\.ts$/.test(path));

const { metafile } = await build({
  entryPoints: [...new Set([...sources, ...byAddress])],
  outdir: 'dist',
  outbase: 'src',
  // As deep as every room, so that an address relative to a module is the same in source and bundle.
  chunkNames: 'chunks/[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  sourcemap: true,
  metafile: true,
  logLevel: 'warning',
});
// esbuild's helpers for `using` are a chunk that everything imports for its effects, of which it has none: a file more to load at the start of every worker.
const isHelpers = ({ inputs, imports, entryPoint }) => entryPoint === undefined && imports.length === 0 && Object.keys(inputs).length === 0;
for (const [helpers] of Object.entries(metafile.outputs).filter(([path, output]) => path.endsWith('.js') && isHelpers(output))) {
  const bare = new RegExp(`^import "[./]+/(?:chunks/)?${basename(helpers, '.js')}\\.js";$`, 'gm');
  for (const path of Object.keys(metafile.outputs).filter((path) => path.endsWith('.js'))) {
    const text = readFileSync(path, 'utf8');
    if (bare.test(text)) writeFileSync(path, text.replaceAll(bare, '')); // the line stays, or the source map would be wrong
  }
}
mkdirSync('build', { recursive: true });
writeFileSync('build/bundle.json', JSON.stringify(metafile));
for (const command of Object.values(bin)) chmodSync(command, 0o755);
process.exitCode = code;
