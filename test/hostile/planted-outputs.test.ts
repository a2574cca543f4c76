import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, linkSync, mkdirSync, openSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { folder, functions, meantime } from '../cli-harness.js';

// A folder that somebody else has made: each name that a run writes is there already, as each kind
// of thing that a name can be.

const posix = process.platform === 'win32' && 'Windows has no named pipes in folders, and links only for some';
const PRECIOUS = 'precious\n';

/** Makes something under a path, in a folder that also has `precious` and, beside it, `outside`. */
type Plant = (path: string) => void | Promise<void>;

const kinds: Record<string, Plant> = {
  'a link to a file inside': (path) => symlinkSync('precious', path),
  'a link to a file outside': (path) => symlinkSync('../outside', path),
  'a link that leads nowhere': (path) => symlinkSync('nowhere', path),
  'a link to itself': (path) => symlinkSync(path, path),
  'a link to /dev/zero': (path) => symlinkSync('/dev/zero', path),
  'a link to /dev/full': (path) => symlinkSync('/dev/full', path),
  'a named pipe': (path) => void spawnSync('mkfifo', [path]),
  'a socket': async (path) => {
    const server = createServer();
    server.listen(path);
    await once(server, 'listening');
    server.unref();
  },
  'a folder': (path) => mkdirSync(path),
  'a second name of another file': (path) => linkSync(join(path, '../precious'), path),
  'a text': (path) => writeFileSync(path, 'notes\n'),
  'a file that nobody may read': (path) => writeFileSync(path, 'notes\n', { mode: 0 }),
  'a sparse file of 700 MB': (path) => {
    closeSync(openSync(path, 'w'));
    truncateSync(path, 7e8);
  },
};
/** Names that a run writes, and those that it might, or did once. */
const names: Record<string, string[]> = {
  'the file for results': ['r.jsonl'],
  'the file for failures': ['e.jsonl'],
  'the journal': ['r.jsonl.journal'],
  'each name of a temporary file': ['r.jsonl.journal.new', 'r.jsonl.kept', 'r.jsonl.errors', '.r.jsonl.0123456789abcdef.tmp'],
};
const ways = [{}, { resume: true }, { resume: true, force: true }, { resume: true, retryFailed: true }, { force: true }];

const program = fileURLToPath(new URL('../../../test/fixtures/hostile/run-each-way.mjs', import.meta.url));

for (const [place, paths] of Object.entries(names)) {
  const isOutput = place.startsWith('the file');
  test(`${place} is there already, as each kind of thing: no other file changes, and nothing is waited for`, { skip: posix }, async (t) => {
    for (const [kind, plant] of Object.entries(kinds)) {
      // A pipe for results is waited for, as long as test/hostile/named-pipes.test.ts says.
      if (kind === 'a named pipe' && isOutput) continue;
      const top = folder(t);
      const dir = join(top, 'cloned');
      mkdirSync(dir);
      for (const file of ['cloned/precious', 'outside']) writeFileSync(join(top, file), PRECIOUS);
      for (const path of paths) await plant(join(dir, path));
      // `force` is told to overwrite what the outputs hold, through links too.
      for (const [isAsked, some] of isOutput
        ? ([
            [false, ways.slice(0, -1)],
            [true, ways.slice(-1)],
          ] as const)
        : ([[false, ways]] as const)) {
        const what = `${place} is ${kind}, with ${JSON.stringify(some)}`;
        const limit = { timeout: 60_000, killSignal: 'SIGKILL' } as const;
        const ran = spawnSync(process.execPath, [program, JSON.stringify(some)], { cwd: dir, encoding: 'utf8', ...limit });
        assert.deepEqual([ran.status, ran.signal], [0, null], `${what}: ${ran.stdout} ${ran.stderr}`);
        const ends = ran.stdout.trim().split('\n');
        assert.equal(ends.length, some.length, what);
        for (const end of ends) {
          const { state, code } = JSON.parse(end);
          assert.ok(state === 'finished' || code === 'MEANTIME_OUTPUT' || code === 'MEANTIME_OPTION', `${what}: ${end}`);
        }
        const inside = isAsked && /inside|second name/.test(kind);
        const outside = isAsked && /outside/.test(kind);
        if (!inside) assert.equal(readFileSync(join(dir, 'precious'), 'utf8'), PRECIOUS, what);
        if (!outside) assert.equal(readFileSync(join(top, 'outside'), 'utf8'), PRECIOUS, what);
        if (isOutput && !isAsked && kind === 'a text') assert.equal(readFileSync(join(dir, paths[0]), 'utf8'), 'notes\n', what);
        const left = readdirSync(dir).filter((entry) => entry.endsWith('.tmp') && !paths.includes(entry));
        assert.deepEqual(left, [], what);
      }
    }
  });
}

test('a command named flock that lies in the folder, or where npx looks, is not run', {
  skip: process.platform !== 'linux' && 'flock is a command of Linux',
}, async (t) => {
  const dir = folder(t);
  const bin = join(dir, 'node_modules/.bin');
  mkdirSync(bin, { recursive: true });
  for (const path of [join(bin, 'flock'), join(dir, 'flock')]) writeFileSync(path, '#!/bin/sh\ntouch "$0.ran"\n', { mode: 0o755 });
  const PATH = [bin, '.', '', dir, process.env.PATH].join(':');
  const args = ['map', `${functions}#same`, '1', '--on', 'tasks', '--out', 'r.jsonl', '-q'];
  const { code, stderr } = await meantime(args, { cwd: dir, env: { PATH } });
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    [bin, dir].flatMap((path) => readdirSync(path)).filter((entry) => entry.endsWith('.ran')),
    [],
  );
});

test('a package that names a file outside of itself is not followed there', async (t) => {
  const dir = folder(t);
  const home = join(dir, 'node_modules/pkg');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(dir, 'outside.mjs'), 'export const same = (x) => x; console.error("outside was loaded")\n');
  for (const target of ['../../outside.mjs', './../../outside.mjs', './%2e%2e/%2e%2e/outside.mjs', join(dir, 'outside.mjs')]) {
    writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'pkg', exports: { import: target } }));
    const { code, stderr } = await meantime(['map', 'pkg#same', '1'], { cwd: dir });
    assert.equal(code, 2, `${target}: ${stderr}`);
    assert.doesNotMatch(stderr, /was loaded/, target);
  }
  writeFileSync(join(home, 'package.json'), '{ "exports": ');
  const { code, stderr } = await meantime(['map', 'pkg#same', '1'], { cwd: dir });
  assert.equal(code, 2);
  assert.doesNotMatch(stderr, /^\s+at /m);
});
