import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { folder, Running } from '../cli-harness.js';

// A named pipe without another end stands where a file is expected: nothing is held by it for which
// Ctrl-C comes too late.

const skip = process.platform === 'win32' && 'there is no mkfifo';
const pipe = (path: string) => execFileSync('mkfifo', [path]);
/** Within this, in ms, one Ctrl-C has to have ended the command: the machine may be busy. */
const LIMIT = 6000;

interface Case {
  /** The pipe's name in a folder that has a module, f.mjs. */
  at: string;
  args: string[];
  /** Said once the command has got as far as it does; without it, it is at the module. */
  says?: string;
  /** How many times Ctrl-C is pressed. */
  times?: number;
  /** Whether the pipe has another end, which does nothing. */
  open?: boolean;
  files?: Record<string, string>;
}

const out = ['--out', 'r.jsonl'];
const cases: Record<string, Case> = {
  'for lines': { at: 'p', args: ['./f.mjs#same', '--lines', 'p'], says: 'over p' },
  'for JSON Lines, with results': { at: 'p', args: ['./f.mjs#same', '--jsonl', 'p', ...out], says: 'over p' },
  'for CSV, on threads': { at: 'p', args: ['./f.mjs#same', '--csv', 'p', '--on', 'threads'], says: 'over p' },
  'for lines, in processes': { at: 'p', args: ['./f.mjs#same', '--lines', 'p', '--on', 'processes'], says: 'over p' },
  'for lines, with a writer that does not write': { at: 'p', args: ['./f.mjs#same', '--lines', 'p'], says: 'over p', open: true },
  'for results': { at: 'p', args: ['./f.mjs#says', '1', '--out', 'p'], says: 'loaded' },
  'for failures': { at: 'p', args: ['./f.mjs#says', '1', '--errors', 'p', ...out], says: 'loaded' },
  'for results, with a reader that does not read': {
    at: 'p',
    args: ['./f.mjs#long', '--range', '1..1000', '--on', 'tasks', '--out', 'p'],
    says: 'over 1..1000',
    open: true,
  },
  'for a module that the module imports': {
    at: 'p.mjs',
    args: ['./m.mjs#same', '1'],
    files: { 'm.mjs': "console.error('here'); await import('./p.mjs');" },
    says: 'here',
  },
  'for one that it requires': {
    at: 'p.cjs',
    args: ['./m.cjs#same', '1'],
    files: { 'm.cjs': "console.error('here'); require('./p.cjs');" },
    says: 'here',
  },
  'for what its function reads, on this thread': { at: 'p', args: ['./f.mjs#reads', 'p', '--on', 'tasks'], says: 'reads', times: 2 },
  'for what its function reads, on threads': { at: 'p', args: ['./f.mjs#reads', 'p', '--on', 'threads'], says: 'reads', times: 2 },
  'for what its function reads and blocks for, on threads': {
    at: 'p',
    args: ['./f.mjs#blocks', 'p', '--on', 'threads'],
    says: 'reads',
    times: 2,
  },
  'for what its function reads and blocks for': { at: 'p', args: ['./f.mjs#blocks', 'p'], says: 'reads', times: 2 },
  'for what its function reads and blocks for, in processes': {
    at: 'p',
    args: ['./f.mjs#blocks', 'p', '--on', 'processes'],
    says: 'reads',
    times: 2,
  },
};

const module = `
  import { readFileSync } from 'node:fs';
  import { readFile } from 'node:fs/promises';
  console.error('loaded');
  export const same = (x) => x;
  export const says = same;
  export const long = (x) => 'x'.repeat(10_000);
  export const reads = (path) => (console.error('reads'), readFile(path));
  export const blocks = (path) => (console.error('reads'), readFileSync(path));
`;

for (const [name, { at, args, says, times = 1, open = false, files = {} }] of Object.entries(cases)) {
  test(`a named pipe ${name}: Ctrl-C ends the command`, { skip }, async (t) => {
    const dir = folder(t);
    pipe(join(dir, at));
    writeFileSync(join(dir, 'f.mjs'), module);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, file), text);
    const other = open ? openSync(join(dir, at), constants.O_RDWR) : undefined;
    t.after(() => other !== undefined && closeSync(other));
    const running = new Running(['map', ...args], { cwd: dir });
    t.after(() => running.child.kill('SIGKILL'));
    if (says !== undefined) await running.says(says);
    const began = performance.now();
    running.child.kill('SIGINT');
    if (times > 1) {
      await running.says('once more stops at once');
      // Signals that come close together are one request.
      await new Promise((resolve) => setTimeout(resolve, 400));
      running.child.kill('SIGINT');
    }
    const { code, signal, stderr } = await running.ended;
    assert.ok(code === 130 || signal === 'SIGINT', `${code} ${signal} ${stderr}`);
    assert.ok(performance.now() - began < LIMIT, `${performance.now() - began} ms`);
  });
}

test('a named pipe as package.json of a module, or as the module itself', { skip }, async (t) => {
  const dir = folder(t);
  pipe(join(dir, 'p.mjs'));
  const named = new Running(['map', './p.mjs#same', '1'], { cwd: dir });
  const { code, stderr } = await named.ended;
  assert.equal(code, 2);
  assert.match(stderr, /p\.mjs is no regular file, and a module was expected/);
  mkdirSync(join(dir, 'node_modules/pkg'), { recursive: true });
  pipe(join(dir, 'package.json'));
  writeFileSync(join(dir, 'm.js'), 'export const same = (x) => x;');
  const running = new Running(['map', './m.js#same', '1'], { cwd: dir });
  const again = setInterval(() => running.child.kill('SIGINT'), 500); // before that it may not have come so far
  const ended = await running.ended;
  clearInterval(again);
  assert.ok(ended.code === 130 || ended.signal === 'SIGINT', `${ended.code} ${ended.signal} ${ended.stderr}`);
});

test('a command that has ended for another reason does not stay for a thread that a pipe holds', { skip }, async (t) => {
  const dir = folder(t);
  pipe(join(dir, 'p'));
  writeFileSync(join(dir, 'f.mjs'), module);
  const running = new Running(['map', './f.mjs#reads', 'p', '--on', 'tasks', '--timeout', '100'], { cwd: dir });
  const { signal, stderr, stdout } = await running.ended;
  assert.equal(signal, 'SIGKILL', stderr);
  assert.match(stdout, /"TimeoutError"/, 'the result is written first');
  assert.match(stderr, /A thread is held by the system/);
});
