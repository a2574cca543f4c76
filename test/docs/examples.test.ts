import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Page, root } from './page.js';

const tsc = join(root, 'node_modules/typescript/bin/tsc');

test('the examples in TypeScript have no type errors', () => {
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', join(root, 'examples/tsconfig.json')], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});

test('every example has its line in the README, and says what it shows and how it is run', () => {
  const page = new Page('examples/README.md');
  const folders = readdirSync(join(root, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.ok(folders.length >= 6);
  for (const { name } of folders) {
    const main = readdirSync(join(root, 'examples', name)).find((file) => /^main\.m?[jt]s$/.test(file));
    assert.ok(main, `${name} has a main`);
    assert.ok(page.links.includes(`${name}/${main}`), `${name} is in the README`);
    const text = readFileSync(join(root, 'examples', name, main), 'utf8');
    assert.match(text, /^\/\/ Shows: /m);
    assert.match(text, new RegExp(`^// Run it: .*examples/${name}/${main.replaceAll('.', '\\.')}$`, 'm'));
    assert.match(text, /console\.log\(\s*`?'?proof: /);
  }
});
