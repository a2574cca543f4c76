// Computing on all cores.
//
// Shows: `ThreadPoolExecutor.map` over an exported function, without any worker file: every file of a few installed packages is hashed and
// compressed, once one at a time on this thread and once on threads, and both give the same. How much is gained depends on the cores.
//
// Run it:  npm run build && node examples/hash-tree/main.mjs
// The same from the command line, into a file:
//          npx meantime map examples/hash-tree/hash.mjs#digest --glob 'node_modules/acorn/dist/*.js' --out digests.jsonl

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ThreadPoolExecutor } from 'meantime/threads';
import { digest } from './hash.mjs';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

async function* filesBelow(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

async function* tree() {
  for (const name of ['acorn', 'csv-parse', 'fast-check', '@types/node', 'typescript']) yield* filesBelow(join(modules, name));
}

const seconds = async (work) => {
  const start = performance.now();
  const result = await work();
  return [result, (performance.now() - start) / 1000];
};

// Threads go first: who goes second finds the files in the system's cache.
const pool = new ThreadPoolExecutor();
const [together, togetherTook] = await seconds(() => pool.map(digest, tree()));
await pool.shutdown();

const [alone, aloneTook] = await seconds(async () => {
  const digests = [];
  for await (const path of tree()) digests.push(await digest(path));
  return digests;
});

assert.ok(alone.length > 500, `a tree with files in it, but it had ${alone.length}`);
assert.deepEqual(together, alone);

const [bytes, gzip, brotli] = ['bytes', 'gzip', 'brotli'].map((key) => together.reduce((sum, file) => sum + file[key], 0) / 2 ** 20);
console.log(`${together.length} files, ${bytes.toFixed(1)} MB; ${gzip.toFixed(1)} MB as gzip, ${brotli.toFixed(1)} MB as brotli`);
console.log(`one at a time ${aloneTook.toFixed(2)} s, on threads ${togetherTook.toFixed(2)} s, with ${availableParallelism()} cores`);
console.log(
  `proof: all ${together.length} digests agree; threads were ${(aloneTook / togetherTook).toFixed(2)} times as fast, their start included`,
);
