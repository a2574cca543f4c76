import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fixtures, folder, functions, meantime, notOnce, type ResultLine, resultLines, resultsIn } from './cli-harness.js';

const executors = ['tasks', 'threads', 'processes'];

for (const on of executors) {
  test(`on ${on}: one result line for each input, failures among them, exit code 1`, async () => {
    const { code, stdout, stderr } = await meantime(['map', `${functions}#oddOnly`, '--range', '1..100', '--on', on]);
    const results = resultLines(stdout);
    assert.deepEqual(notOnce(results, 100), []);
    for (const { index, input, status, value, error } of results) {
      assert.equal(input, index + 1);
      if (index % 2 === 0) assert.equal(value, input);
      else {
        assert.equal(status, 'rejected');
        assert.deepEqual([error?.name, error?.message, error?.code], ['RangeError', `${input} is even`, 'EVEN']);
        assert.match(error?.stack ?? '', /functions\.mjs/);
      }
    }
    assert.equal(code, 1);
    assert.match(stderr, /100 inputs .*50 failed/);
  });

  test(`on ${on}: --ordered gives the order of the inputs`, async () => {
    const { code, stdout } = await meantime(['map', `${functions}#double`, '--range', '1..5000', '--on', on, '--ordered']);
    assert.equal(code, 0);
    assert.deepEqual(
      resultLines(stdout).map((r) => r.value),
      Array.from({ length: 5000 }, (_, i) => (i + 1) * 2),
    );
  });
}

/**
 * Checks that input `culprit` failed with `error` and every other one is done. In a process that dies, what was sent with the call
 * that killed it may have begun, and at most once is the promise: those few are failures of their own kind.
 */
function onlyFailed(results: ResultLine[], on: string, culprit: number, error: string): void {
  const failed = results.filter((r) => r.status === 'rejected');
  assert.deepEqual(
    failed.filter((r) => r.input === culprit).map((r) => r.error?.name),
    [error],
  );
  const others = failed.filter((r) => r.input !== culprit).map((r) => `${r.input}: ${r.error?.name}`);
  if (on === 'threads') assert.deepEqual(others, []);
  else assert.ok(others.length <= 16 && others.every((text) => text.endsWith('WorkerLostError')), String(others));
}

for (const on of ['threads', 'processes']) {
  const pool = ['--on', on, '--workers', '2'];

  test(`on ${on}: process.exit in a call fails that input, and every other one is done`, async () => {
    const { code, stdout } = await meantime(['map', `${functions}#exitsAt7`, '--range', '0..199', ...pool, '--chunk', '1']);
    assert.deepEqual(notOnce(resultLines(stdout), 200), []);
    onlyFailed(resultLines(stdout), on, 7, 'WorkerLostError');
    assert.equal(code, 1);
  });

  test(`on ${on}: a call that eats all memory fails, and every other one is done`, async () => {
    const { code, stdout } = await meantime([
      'map',
      `${functions}#eatsAt5`,
      '--range',
      '0..49',
      ...pool,
      '--chunk',
      '1',
      '--memory-limit',
      '64MB',
    ]);
    assert.deepEqual(notOnce(resultLines(stdout), 50), []);
    onlyFailed(resultLines(stdout), on, 5, 'WorkerLostError');
    assert.equal(code, 1);
  });

  test(`on ${on}: a loop without end is ended by --timeout, and every other input is done`, async () => {
    const { code, stdout } = await meantime(['map', `${functions}#loopsAt3`, '--range', '0..49', ...pool, '--timeout', '300ms']);
    assert.deepEqual(notOnce(resultLines(stdout), 50), []);
    onlyFailed(resultLines(stdout), on, 3, 'TimeoutError');
    assert.equal(code, 1);
  });

  test(`on ${on}: a result that cannot travel is a failure of its input alone`, async () => {
    const { stdout } = await meantime(['map', `${functions}#functionForOdd`, '--range', '0..99', ...pool, '-q']);
    const results = resultLines(stdout);
    assert.deepEqual(notOnce(results, 100), []);
    assert.ok(results.every((r) => (r.index % 2 === 1 ? r.error?.name === 'NotCloneableError' : r.value === r.input)));
  });
}

test('a module that cannot be imported in any worker: each input is a failure that says why, and there is no storm of restarts', async () => {
  const { code, stdout } = await meantime(['map', `${join(fixtures, 'main-only.mjs')}#same`, '--range', '0..499', '-w', '2', '-q']);
  const results = resultLines(stdout);
  assert.deepEqual(notOnce(results, 500), []);
  assert.ok(results.every((r) => r.error?.message.includes('only on the main thread')));
  assert.equal(code, 1);
});

test('--errors takes the failures, --out the results, and both together hold each input once', async (t) => {
  const dir = folder(t);
  const { code, stdout } = await meantime(
    ['map', `${functions}#oddOnly`, '--range', '1..1000', '--out', 'r.jsonl', '--errors', 'e.jsonl', '-w', '2', '-q'],
    { cwd: dir },
  );
  assert.equal(code, 1);
  assert.equal(stdout, '');
  const [good, bad] = [resultsIn(join(dir, 'r.jsonl')), resultsIn(join(dir, 'e.jsonl'))];
  assert.ok(good.every((r) => r.status === 'fulfilled') && bad.every((r) => r.status === 'rejected'));
  assert.deepEqual([good.length, bad.length], [500, 500]);
  assert.deepEqual(notOnce([...good, ...bad], 1000), []);
});

test('inputs from lines, with every kind of line end, an empty line, and bytes that are no text', async (t) => {
  const dir = folder(t);
  writeFileSync(
    join(dir, 'in.txt'),
    Buffer.concat([Buffer.from('\ufeffone\r\ntwo\n\nf\u00fcr\n'), Buffer.from([0xff, 0xfe, 10]), Buffer.from('last')]),
  );
  const { code, stdout, stderr } = await meantime(['map', functions, '--lines', 'in.txt', '--ordered'], { cwd: dir });
  const results = resultLines(stdout);
  assert.deepEqual(
    results.map((r) => r.value ?? r.error?.message),
    ['ONE', 'TWO', '', 'FÜR', 'in.txt:5: expected UTF-8 text, got other bytes', 'LAST'],
  );
  assert.equal(code, 1);
  assert.match(stderr, /input 4 .* failed: InputError: in\.txt:5/);
});

test('a malformed line of JSON is a failure that names file and line; the others are done', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'in.jsonl'), '1\n{"a":\n\n"x"\n');
  const { code, stdout } = await meantime(['map', `${functions}#same`, '--jsonl', 'in.jsonl', '--ordered', '-q'], { cwd: dir });
  const results = resultLines(stdout);
  assert.deepEqual(
    results.map((r) => r.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.match(results[1].error?.message ?? '', /^in\.jsonl:2: expected one JSON value, got /);
  assert.equal(results[1].input, '{"a":');
  assert.equal(code, 1);
});

test('records of a CSV file are objects; broken ones are failures that name the line', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'in.csv'), 'name,age\nAda,36\n"Gr""ace","8\n5"\nBob\n"x"y,1\nEve,22\n');
  const { stdout } = await meantime(['map', `${functions}#same`, '--csv', 'in.csv', '--ordered', '--errors', 'e.jsonl', '-q'], {
    cwd: dir,
  });
  assert.deepEqual(
    resultLines(stdout).map((r) => r.value),
    [
      { name: 'Ada', age: '36' },
      { name: 'Gr"ace', age: '8\n5' },
      { name: 'Eve', age: '22' },
    ],
  );
  const errors = resultsIn(join(dir, 'e.jsonl'));
  assert.deepEqual(
    errors.map((r) => [r.index, r.error?.message.split(':')[1]]),
    [
      [2, '5'],
      [3, '6'],
    ],
  );
  assert.match(errors[0].error?.message ?? '', /expected 2 columns as in the header, got 1/);
});

test('file names by pattern, sorted; a plain input and a web address are taken as they are', async (t) => {
  const dir = folder(t);
  mkdirSync(join(dir, 'sub'));
  for (const file of ['b.txt', 'a.txt', 'sub/c.txt', 'd.md']) writeFileSync(join(dir, file), '');
  const names = async (...args: string[]) => {
    const { stdout } = await meantime(['map', `${functions}#same`, '--ordered', '-q', ...args], { cwd: dir });
    return resultLines(stdout).map((r) => r.value);
  };
  assert.deepEqual(await names('**/*.txt'), ['a.txt', 'b.txt', 'sub/c.txt']);
  assert.deepEqual(await names('--glob', '{a,b}.txt', '--glob', '*.md'), ['a.txt', 'b.txt', 'd.md']);
  assert.deepEqual(await names('a.txt', '007', 'https://example.org/?a=*'), ['a.txt', '007', 'https://example.org/?a=*']);
  assert.deepEqual(await names('*.md', 'a.txt', './sub/c.txt'), ['./sub/c.txt', 'a.txt', 'd.md'], 'files beside a pattern');
  const mixed = await meantime(['map', `${functions}#same`, '*.md', '007'], { cwd: dir });
  assert.equal(mixed.code, 2);
  assert.match(mixed.stderr, /Expected files and patterns, or plain inputs, got both \(\*\.md is a pattern, and 007 is no file\)/);
  assert.deepEqual(await names('--literal', '*'), ['*']);
  assert.deepEqual(await names('--', '-5', '--on'), ['-5', '--on']);
});

test('standard input is read with back-pressure and to its end', async () => {
  const n = 200_000;
  const input = Array.from({ length: n }, (_, i) => i).join('\n');
  const { code, stdout } = await meantime(['map', `${functions}#same`, '-', '-q', '-w', '2'], { input });
  assert.equal(code, 0);
  assert.deepEqual(notOnce(resultLines(stdout), n), []);
});

test('--retries runs a failure again, and only what fails for good is recorded', async () => {
  const { code, stdout } = await meantime([
    'map',
    `${functions}#secondTime`,
    '--range',
    '1..50',
    '--on',
    'tasks',
    '--retries',
    '2',
    '--backoff',
    '1ms',
    '--ordered',
    '-q',
  ]);
  assert.equal(code, 0);
  const results = resultLines(stdout);
  assert.deepEqual(
    results.map((r) => r.index),
    Array.from({ length: 50 }, (_, i) => i),
  );
  const never = await meantime([
    'map',
    `${functions}#oddOnly`,
    '--range',
    '1..4',
    '--on',
    'tasks',
    '--retries',
    '2',
    '--backoff',
    '1ms',
    '-q',
  ]);
  assert.equal(never.code, 1);
  assert.deepEqual(notOnce(resultLines(never.stdout), 4), []);
});

test('values that JSON lacks are written as their nearest, and one that cannot be written is a failure of its input alone', async () => {
  const kinds = ['bigint', 'nothing', 'date', 'map', 'bytes', 'cycle', 'nan', 'error', 'getter'];
  const { code, stdout } = await meantime(['map', `${functions}#oddValue`, ...kinds, '--on', 'tasks', '--ordered', '-q']);
  const results = resultLines(stdout);
  assert.deepEqual(
    results.slice(0, 8).map((r) => r.value),
    [
      '12',
      null,
      '1970-01-01T00:00:00.000Z',
      [['a', [1]]],
      'AQID',
      { name: 'a', self: '[Circular]' },
      null,
      { name: 'TypeError', message: 'as a value' },
    ],
  );
  assert.match(results[8].error?.message ?? '', /result for input 8 cannot be written as JSON/);
  assert.equal(code, 1);
});

test('what the function prints does not get between the result lines', async () => {
  for (const on of executors) {
    const { stdout, stderr } = await meantime(['map', `${functions}#chatty`, 'a', 'b', '--on', on]);
    assert.deepEqual(notOnce(resultLines(stdout), 2), []);
    assert.match(stderr, /thinking about a/);
  }
});

test('a module that pollutes Object.prototype does no harm', async (t) => {
  const dir = folder(t);
  for (const on of executors) {
    const { code, stdout, stderr } = await meantime(
      ['map', `${join(fixtures, 'polluting.mjs')}#double`, '--range', '1..20', '--on', on, '--ordered'],
      { cwd: dir },
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      resultLines(stdout).map((r) => r.value),
      Array.from({ length: 20 }, (_, i) => 2 * (i + 1)),
    );
  }
});

test('--json tells start, failures and end as events, one JSON value a line', async () => {
  const { stderr } = await meantime(['map', `${functions}#oddOnly`, '--range', '1..4', '--on', 'tasks', '--json']);
  const events = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map((e) => e.event),
    ['start', 'failure', 'failure', 'end'],
  );
  const { total, done, failed, state } = events.at(-1);
  assert.deepEqual({ total, done, failed, state }, { total: 4, done: 4, failed: 2, state: 'finished' });
  assert.deepEqual([events[1].index, events[1].error.message], [1, '2 is even']);
});

test('a static method, a default export, a module of Node, and a package found from where one stands', async (t) => {
  const dir = folder(t);
  const home = join(dir, 'node_modules', 'only-esm');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{"name":"only-esm","type":"module","exports":{".":{"import":"./main.js"}}}');
  writeFileSync(join(home, 'main.js'), "export const shout = (text) => text + '!';");
  const value = async (spec: string) => resultLines((await meantime(['map', spec, 'a/b', '-q', '-w', '1'], { cwd: dir })).stdout)[0]?.value;
  assert.equal(await value(functions), 'A/B');
  assert.equal(await value('node:path#basename'), 'b');
  assert.equal(await value('only-esm#shout'), 'a/b!');
  const { stdout } = await meantime(['map', `${functions}#Klass.twice`, '--range', '4..4', '-q']);
  assert.equal(resultLines(stdout)[0].value, 8);
});

test('a result file is UTF-8 lines with nothing else in it', async (t) => {
  const dir = folder(t);
  await meantime(['map', functions, 'ä', '\u2028', 'a\nb', '--out', 'r.jsonl', '-q'], { cwd: dir });
  const text = readFileSync(join(dir, 'r.jsonl'), 'utf8');
  assert.ok(text.endsWith('}\n'));
  assert.equal(text.split('\n').length, 4);
  assert.deepEqual(notOnce(resultLines(text), 3), []);
});
