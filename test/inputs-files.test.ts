import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, openSync, renameSync, symlinkSync, truncateSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { csv, jsonl, lines, type Source } from 'meantime/batch';
import { folder, functions, meantime, Running, resultLines } from './cli-harness.js';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

async function all(source: Source<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of source) items.push(item);
  return items;
}

const many = Array.from({ length: 10_000 }, (_, i) => `line ${i}`.padEnd(60));
const text = `${many.join('\n')}\n`;

/** Reads a file, and does something to it after the first input. */
async function meanwhile(file: string, change: () => void): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of lines(file)) {
    if (items.push(item) === 1) change();
  }
  return items;
}

test('a file that changes while it is read gives its lines, or an error that says so', async (t) => {
  const file = join(folder(t), 'in');
  const begin = () => writeFileSync(file, text);
  const changed = (message: RegExp) => ({ code: 'MEANTIME_INPUT', message });

  begin();
  assert.deepEqual(await meanwhile(file, () => appendFileSync(file, 'one\ntwo\n')), [...many, 'one', 'two']);
  begin();
  await assert.rejects(
    meanwhile(file, () => appendFileSync(file, 'tor')),
    changed(/ends without a line end: its last line may not be whole/),
  );
  begin();
  await assert.rejects(
    meanwhile(file, () => truncateSync(file, 300_000)),
    changed(/became shorter while it was read: expected \d+ bytes or more, got 300000/),
  );
  begin();
  await assert.rejects(
    meanwhile(file, () => writeFileSync(file, text.replaceAll('line', 'ROW!'))),
    changed(/was written anew/),
  );
  begin();
  assert.deepEqual(await meanwhile(file, () => utimesSync(file, 1, 1)), many);
  // Another file under the name: the one that was opened is read.
  writeFileSync(`${file}.new`, 'other\n');
  assert.deepEqual(await meanwhile(file, () => renameSync(`${file}.new`, file)), many);
});

const shell = async (script: string, cwd: string) => {
  const child = spawn('sh', ['-c', script], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, stderr: err, values: resultLines(out).map((r) => r.value) };
};

test('a named pipe is read as its writer writes', async (t) => {
  const dir = folder(t);
  execFileSync('mkfifo', [join(dir, 'pipe')]);
  for (const [reader, expected] of [
    [lines, ['{"a":1}', '{"a":2}']],
    [jsonl, [{ a: 1 }, { a: 2 }]],
    [csv, [{ '{"a":1}': '{"a":2}' }]],
  ] as const) {
    const items = all(reader(join(dir, 'pipe')));
    const script = reader === csv ? `printf '"{""a"":1}"\\n"{""a"":2}"\\n' > pipe` : `printf '{"a":1}\\n{"a"' > pipe; printf ':2}' > pipe`;
    // One writer for both halves: where the last one goes away, the pipe ends.
    await shell(`exec 3>pipe; ${script.replaceAll('> pipe', '>&3')}`, dir);
    assert.deepEqual(await items, expected);
  }
});

test('Ctrl-C ends a run that waits for the writer of a named pipe', async (t) => {
  const dir = folder(t);
  execFileSync('mkfifo', [join(dir, 'pipe')]);
  const run = new Running(['map', `${functions}#same`, '--lines', 'pipe', '--on', 'tasks'], { cwd: dir });
  await run.says('over pipe');
  run.child.kill('SIGINT');
  assert.equal((await run.ended).code, 130);
});

test('what is no file of text is an error that says so', async (t) => {
  const dir = folder(t);
  symlinkSync('nowhere', join(dir, 'link'));
  for (const [reader, name] of [
    [lines, 'lines'],
    [jsonl, 'jsonl'],
    [csv, 'csv'],
  ] as const) {
    await assert.rejects(all(reader(dir)), { code: 'MEANTIME_INPUT', message: /it is a directory/ });
    await assert.rejects(all(reader(join(dir, 'link'))), { code: 'MEANTIME_INPUT', message: /there is no such file/ });
    await assert.rejects(all(reader('/dev/zero')), { code: 'MEANTIME_INPUT', message: /^\/dev\/zero is not UTF-8 text: byte 0 is a NUL/ });
    assert.deepEqual(await all(reader('/dev/null')), []);
    for (const wrong of ['', 'a\0b', 7, undefined, null]) {
      assert.throws(() => reader(wrong as string), { code: 'MEANTIME_OPTION', message: new RegExp(`^${name} expects the path of a file`) });
    }
  }
});

test('a file that may not be read is an error', {
  skip: process.getuid?.() === 0 ? false : 'only root can become another user',
}, async (t) => {
  const dir = folder(t);
  const file = join(dir, 'in');
  writeFileSync(file, '1\n', { mode: 0o600 });
  execFileSync('chmod', ['755', dir]);
  const script = `process.setuid(65534); const { lines } = await import('meantime/batch'); await lines(${JSON.stringify(file)}).check()`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  await once(child, 'close');
  assert.match(said, /InputError: Cannot read .*in: this user may not read it/);
});

test('standard input, whatever it is', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'in'), '1\n2\n');
  const map = `'${process.execPath}' '${main}' map '${functions}#same' - --on tasks -q --ordered`;
  for (const [script, values] of [
    [`${map} < in`, ['1', '2']],
    [`cat in | ${map}`, ['1', '2']],
    [`cat in | ${map.replace(' - ', ' --jsonl /dev/stdin ')}`, [1, 2]],
    [`true | ${map}`, []],
    [`${map} < /dev/null`, []],
    [`${map} <&-`, []],
  ] as const) {
    const run = await shell(script, dir);
    assert.deepEqual([run.code, run.values], [0, values], `${script}: ${run.stderr}`);
  }
  for (const [script, message] of [
    [`${map} < .`, /Cannot read standard input: it is a directory/],
    [`${map} 0> other`, /Cannot read standard input: EBADF/],
    [`${map} < /dev/zero`, /standard input is not UTF-8 text/],
  ] as const) {
    const run = await shell(script, dir);
    assert.match(run.stderr, message);
    assert.equal(run.code, 2);
  }
});

test('standard input that something else reads is refused, and not shared', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'fn.mjs'), "process.stdin.on('data', () => {});\nexport default (x) => x;");
  const { code, stderr } = await meantime(['map', './fn.mjs', '-', '--on', 'tasks', '-q'], { cwd: dir, input: '1\n2\n' });
  assert.match(stderr, /Cannot read standard input: something else in this program reads it/);
  assert.equal(code, 2);
});

test('a line of 100 MB is an input; one beyond the limit fails, alone, and is not held', async (t) => {
  const file = join(folder(t), 'in');
  const write = (size: number) => {
    const fd = openSync(file, 'w');
    const piece = Buffer.alloc(2 ** 20, 'x');
    for (let left = size; left > 0; left -= piece.length) writeSync(fd, piece, 0, Math.min(left, piece.length));
    writeSync(fd, '\nend\n');
    closeSync(fd);
  };
  write(100e6);
  assert.deepEqual(
    (await all(lines(file))).map((line) => (line as string).length),
    [100e6, 3],
  );
  write(300e6);
  const { code, stdout } = await meantime(['map', `${functions}#same`, '--lines', file, '--on', 'tasks', '-q', '--ordered'], {
    env: { NODE_OPTIONS: '--max-old-space-size=200' },
  });
  const [long, end] = resultLines(stdout);
  assert.match(long.error?.message ?? '', /in:1: expected a line of at most 134217728 bytes, got 300000000/);
  assert.equal(end.value, 'end');
  assert.equal(code, 1);
});

test('a million columns', async (t) => {
  const file = join(folder(t), 'in');
  const n = 1_000_000;
  const row = (f: (i: number) => unknown, columns = n) => Array.from({ length: columns }, (_, i) => f(i)).join(',');
  writeFileSync(file, `${row((i) => `c${i}`)}\n${row((i) => i)}\n${row((i) => i, n - 1)}\n`);
  const records: Record<string, string>[] = [];
  await assert.rejects(
    async () => {
      for await (const record of csv(file)) records.push(record);
    },
    { message: /:3: expected 1000000 columns as in the header, got 999999/ },
  );
  assert.equal(records.length, 1);
  assert.equal(Object.keys(records[0]).length, n);
  assert.equal(records[0].c999999, '999999');
});
