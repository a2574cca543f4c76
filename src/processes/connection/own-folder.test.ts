import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { insideOwn, removeOwn } from './own-folder.js';

const unix = process.platform !== 'win32';
const skip = !unix && 'folders have no owners on Windows';

function ground() {
  const root = mkdtempSync(join(tmpdir(), 'meantime-test-'));
  const make = (name: string, files: string[], mode = 0o700) => {
    const at = join(root, name);
    mkdirSync(at, { mode: 0o700 });
    for (const file of files) writeFileSync(join(at, file), 'x');
    chmodSync(at, mode);
    return at;
  };
  return { root, make, at: (name: string) => join(root, name), [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}

test('what is taken away: a folder of ours with the files of those names, and nothing else', { skip }, (t) => {
  using folders = ground();
  const { make, at } = folders;
  removeOwn(make('gone', ['s', 'old-0']), ['s', 'old-0', 'old-1']);
  assert.equal(existsSync(at('gone')), false);
  removeOwn(make('foreign', ['s', 'photos']), ['s']);
  assert.deepEqual(readdirSync(at('foreign')), ['photos'], 'what is not ours by name stays, and the folder with it');
  make('nested', []);
  mkdirSync(at('nested/s'));
  writeFileSync(at('nested/s/photo'), 'x');
  removeOwn(at('nested'), ['s']);
  assert.ok(existsSync(at('nested/s/photo')), 'no folder is gone into');
  removeOwn(make('open', ['s'], 0o755), ['s']);
  assert.ok(existsSync(at('open/s')), 'it is open to others, so none that we made');
  const target = make('target', ['s']);
  symlinkSync(target, at('link'));
  removeOwn(at('link'), ['s']);
  assert.ok(existsSync(at('target/s')) && existsSync(at('link')), 'a link is not followed');
  writeFileSync(at('file'), 'x');
  removeOwn(at('file'), ['s']);
  removeOwn(at('nowhere'), ['s']);
  assert.ok(existsSync(at('file')));
  removeOwn(make('asked', ['s']), ['s'], () => false);
  assert.ok(existsSync(at('asked/s')));
  if (process.getuid?.() !== 0) return t.diagnostic('not root: a folder of another user was not tried');
  chownSync(make('theirs', ['s']), 54_321, 54_321);
  removeOwn(at('theirs'), ['s']);
  assert.ok(existsSync(at('theirs/s')));
});

test('a file that leads elsewhere goes itself, and what it leads to stays', { skip }, () => {
  using folders = ground();
  const { make, at } = folders;
  const target = make('target', ['s']);
  make('with-link', []);
  symlinkSync(join(target, 's'), at('with-link/s'));
  removeOwn(at('with-link'), ['s']);
  assert.ok(existsSync(at('target/s')) && !existsSync(at('with-link')));
});

/**
 * Puts a link and a folder of the same name into each other's place, as fast as it can, until it is
 * ended.
 */
const swapper = `
const { mkdirSync, renameSync, symlinkSync, writeFileSync } = require('node:fs');
const [, victim, place] = process.argv;
let n = 0;
// The other side takes away what it is given, in the middle of each of these.
const met = (error) => {
  if (!['EEXIST', 'EISDIR', 'ENOENT', 'ENOTDIR', 'ENOTEMPTY'].includes(error.code)) throw error;
};
console.log('swapping');
for (;;) {
  const aside = place + '-' + n++;
  try {
    mkdirSync(aside, { mode: 0o700 });
    writeFileSync(aside + '/s', 'x');
    renameSync(aside, place);
    renameSync(place, aside + '-old');
  } catch (error) {
    met(error);
  }
  try {
    symlinkSync(victim, aside + '-link');
    renameSync(aside + '-link', place);
    renameSync(place, aside + '-link');
  } catch (error) {
    met(error);
  }
}`;

test('a link that is put in the place of the folder between the look and the removal leads to nothing that goes', {
  skip,
  timeout: 60_000,
}, async () => {
  using folders = ground();
  const { make, at } = folders;
  const victim = make('victim', ['s', 'photo']);
  const child = spawn(process.execPath, ['-e', swapper, victim, at('place')], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  let reached = 0;
  try {
    for (let i = 0; i < 20_000; i++) {
      removeOwn(at('place'), ['s'], () => {
        reached++;
        return true;
      });
      assert.ok(existsSync(join(victim, 's')), `after ${i} removals`);
    }
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  assert.deepEqual(readdirSync(victim).sort(), ['photo', 's']);
  assert.ok(reached > 0, 'no folder was ever met: nothing was tried');
});

test('what is used inside of a folder is in that folder, though its name leads elsewhere by then', { skip }, (t) => {
  if (process.platform !== 'linux') return t.skip('only Linux has paths of descriptors');
  using folders = ground();
  const { make, at } = folders;
  make('mine', ['s']);
  make('other', []);
  const seen = insideOwn(at('mine'), (inside) => {
    rmSync(at('mine/s'));
    writeFileSync(at('mine/t'), 'x');
    const moved = at('moved');
    process.getBuiltinModule('node:fs').renameSync(at('mine'), moved);
    symlinkSync(at('other'), at('mine'));
    return existsSync(inside('t'));
  });
  assert.equal(seen, true);
  assert.throws(() => insideOwn(at('mine'), () => undefined), { code: /ELOOP|ENOTDIR/ });
});
