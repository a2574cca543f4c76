import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Malformed } from '../item.js';
import { glob } from './glob.js';

/** A folder with these files, to be worked in. */
function folder(t: TestContext, ...files: (string | Buffer)[]): string {
  const was = process.cwd();
  const path = mkdtempSync(join(tmpdir(), 'meantime-'));
  t.after(() => {
    process.chdir(was);
    rmSync(path, { recursive: true });
  });
  process.chdir(path);
  for (const file of files) {
    if (typeof file === 'string' && file.includes('/')) mkdirSync(join(path, file, '..'), { recursive: true });
    writeFileSync(file, '');
  }
  return path;
}

async function find(...patterns: string[]): Promise<string[]> {
  const reader = glob(patterns).open();
  return (await reader.read()).map((item) => (item instanceof Malformed ? `! ${item.error.message}` : item));
}

const strange = [
  'a[1].txt',
  '{x}.txt',
  '{a,b}.txt',
  '!important.txt',
  '-dash.txt',
  'a*b.txt',
  'a?b.txt',
  'new\nline.txt',
  'back\\slash.txt',
];
const spoken = [
  '@(a).txt',
  '+(b).txt',
  'with space.txt',
  "it's.txt",
  '$HOME.txt',
  '~.txt',
  '#.txt',
  'u\u0308.txt',
  '\u00fc.txt',
  '[',
  '**',
  '.hidden',
];

test('a pattern that is the name of a file is that file, whatever is in it', async (t) => {
  folder(t, 'a1.txt', 'ab.txt', 'axb.txt', ...strange, ...spoken);
  for (const name of [...strange, ...spoken]) assert.deepEqual(await find(name), [name]);
});

test('parentheses mean themselves', async (t) => {
  folder(t, 'photos (1)/a.jpg', 'photos (1)/b.jpg', 'photos 1/c.jpg', 'a(b|c).txt', 'ab.txt');
  assert.deepEqual(await find('photos (1)/*.jpg'), ['photos (1)/a.jpg', 'photos (1)/b.jpg']);
  assert.deepEqual(await find('*(b|c).*'), ['a(b|c).txt']);
});

test('each file once: through links, through two patterns; a hard link is another file', async (t) => {
  const dir = folder(t, 'd/x.txt', 'd/e/y.txt');
  symlinkSync('d', join(dir, 'again'));
  symlinkSync('..', join(dir, 'd/e/up'));
  symlinkSync('x.txt', join(dir, 'd/link.txt'));
  linkSync('d/x.txt', 'd/hard.txt');
  assert.deepEqual(await find('**/*.txt'), ['d/e/y.txt', 'd/hard.txt', 'd/x.txt']);
  assert.deepEqual(await find('*/x.txt'), ['d/x.txt']);
  assert.deepEqual(await find('again/*.txt', 'd/x.txt'), ['again/hard.txt', 'd/x.txt']);
  assert.deepEqual(await find('again/x.txt'), ['again/x.txt']);
  assert.deepEqual(await find('d/x.txt', './d/*', join(dir, 'd/x.txt')), ['./d/hard.txt', 'd/x.txt']);
});

test('names are as the pattern begins: relative, with a dot, or absolute', async (t) => {
  const dir = folder(t, 'd/x.txt');
  assert.deepEqual(await find('./d/*'), ['./d/x.txt']);
  assert.deepEqual(await find(`${dir}/**/*.txt`), [`${dir}/d/x.txt`]);
  process.chdir('d');
  assert.deepEqual(await find('../*/x.txt'), ['../d/x.txt']);
});

test('a link that leads nowhere is a file; a directory is none', async (t) => {
  const dir = folder(t, 'a.x', 'sub.x/b.x');
  symlinkSync('nowhere', join(dir, 'c.x'));
  symlinkSync('d.x', join(dir, 'd.x'));
  assert.deepEqual(await find('*.x'), ['a.x', 'c.x', 'd.x']);
});

test('a name that is not UTF-8, as a file or on the way to one, is malformed and not left out', async (t) => {
  const bytes = (text: string) => Buffer.from(text, 'latin1');
  folder(t, 'a.txt', bytes('caf\xe9.txt'), bytes('caf\xe8.txt'));
  mkdirSync(bytes('d\xe9'));
  writeFileSync(bytes('d\xe9/x.txt'), '');
  const wrong = (name: string) => `! The name of a file is not UTF-8, and an input is text: ${name}`;
  assert.deepEqual(await find('**/*.txt'), ['a.txt', wrong('caf\\xe8.txt'), wrong('caf\\xe9.txt'), wrong('d\\xe9/x.txt')]);
});

test('one pattern of several that finds nothing is an error', async (t) => {
  const dir = folder(t, 'a.txt', 'sub/b.txt');
  for (const patterns of [['*.txt', '*.nothing'], ['no.nothing'], ['sub'], ['sub/'], ['']]) {
    await assert.rejects(find(...patterns), { code: 'MEANTIME_INPUT', message: `No file matches "${patterns.at(-1)}" in ${dir}` });
  }
  assert.deepEqual(await find('{*.txt,*.nothing}'), ['a.txt']);
  await assert.rejects(find('{1..999999999}'), { code: 'MEANTIME_INPUT', message: /braces stand for more than/ });
  for (const patterns of [[], [7], 7]) assert.throws(() => glob(patterns as unknown as string[]), { code: 'MEANTIME_OPTION' });
});

test('the working directory is that of the call', async (t) => {
  folder(t, 'a.txt', 'sub/b.txt');
  const source = glob('*.txt', { except: ['sub/b.txt'] });
  process.chdir('sub');
  const reader = source.open();
  assert.deepEqual(await reader.read(), ['a.txt']);
});

test('a pattern of many stars takes no time', async (t) => {
  folder(t, 'a'.repeat(200));
  await assert.rejects(find(`${'*a'.repeat(40)}*b`), { code: 'MEANTIME_INPUT' });
});
