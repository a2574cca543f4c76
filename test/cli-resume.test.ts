import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { folder, functions, meantime, notOnce, type ResultLine, Running, resultsIn } from './cli-harness.js';

/** A repeatable number in [0, 1) for each turn: a linear congruential generator is chance enough for a moment to kill at. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
const outputs = (dir: string) => [join(dir, 'r.jsonl'), join(dir, 'e.jsonl')] as const;

for (const on of ['tasks', 'threads', 'processes']) {
  test(`on ${on}: killed with -9 at any moment and resumed, each input has exactly one result line in the end`, async (t) => {
    const seed = Number(process.env.SEED ?? Date.now() % 1e6);
    t.diagnostic(`SEED=${seed}`);
    const random = chance(seed);
    const dir = folder(t);
    // Enough that a kill within a second finds it half way; on this thread nothing has to be started first.
    const n = on === 'tasks' ? 200_000 : 20_000;
    const args = [
      'map',
      `${functions}#work`,
      '--range',
      `1..${n}`,
      '--on',
      on,
      '--out',
      'r.jsonl',
      '--errors',
      'e.jsonl',
      '--resume',
      '-q',
    ];
    let hits = 0;
    let torn = 0;
    for (let round = 0; round < 6; round++) {
      const running = new Running(args, { cwd: dir });
      // Every other kill comes once there is more to read than before, however long the start takes today; the others at any moment.
      const had = sizeOf(outputs(dir)[0]);
      let over = false;
      running.ended.finally(() => {
        over = true;
      });
      const killed = (async () => {
        while (round % 2 === 0 && !over && sizeOf(outputs(dir)[0]) <= had) await sleep(5);
        // The random moment is the point of this test; nothing is waited for by it.
        await sleep(round % 2 === 0 ? random() * 70 : 150 + random() * 700);
        running.child.kill('SIGKILL');
      })();
      const { signal } = await running.ended;
      await killed;
      const texts = outputs(dir).map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : ''));
      const whole = texts.join('').split('\n').length - 1;
      if (signal === 'SIGKILL' && whole > 0 && whole < n) hits++;
      // What a kill between two halves of a write would leave, since that is too rare to wait for.
      if (random() < 0.7 && texts[0].length > 20 && whole < n) {
        truncateSync(outputs(dir)[0], Buffer.byteLength(texts[0]) - 1 - Math.floor(random() * 15));
        torn++;
      }
    }
    const { code, stderr } = await meantime(args, { cwd: dir });
    t.diagnostic(`${hits} kills hit a run half way, ${torn} files torn`);
    assert.ok(hits > 0, 'no kill hit a run half way: the test has tested nothing');
    assert.equal(code, 1, stderr);
    const [good, bad] = outputs(dir).map((file) => resultsIn(file));
    assert.deepEqual(notOnce([...good, ...bad], n), []);
    assert.ok(good.every((r) => (r.value as { square: number }).square === (r.input as number) ** 2));
    assert.deepEqual(
      bad.map((r) => r.index).sort((a, b) => a - b),
      Array.from({ length: n / 10 }, (_, i) => i * 10 + 9),
    );
  });

  test(`on ${on}: Ctrl-C finishes what is running, keeps it and says how to resume; nothing runs twice`, async (t) => {
    const dir = folder(t);
    const env = { MARKS: join(dir, 'marks') };
    const args = [
      'map',
      `${functions}#marked`,
      '--range',
      '0..19',
      '--on',
      on,
      '--concurrency',
      '2',
      '--out',
      'r.jsonl',
      ...(on === 'tasks' ? [] : ['-w', '2']),
    ];
    const running = new Running(args, { cwd: dir, env });
    await running.says('running');
    running.child.kill('SIGINT');
    const first = await running.ended;
    assert.equal(first.code, 130, first.stderr);
    assert.match(first.stderr, /meantime map .*--out r\.jsonl.* --resume/);
    const kept = resultsIn(join(dir, 'r.jsonl'));
    assert.ok(kept.length > 0 && kept.length < 20, `${kept.length} kept`);
    assert.ok(kept.every((r) => r.status === 'fulfilled'));
    const { code, stderr } = await meantime([...args, '--resume'], { cwd: dir, env });
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`${kept.length} done before`));
    assert.deepEqual(notOnce(resultsIn(join(dir, 'r.jsonl')), 20), []);
    const marks = readFileSync(env.MARKS, 'utf8').trim().split('\n').map(Number);
    assert.deepEqual(
      marks.sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => i),
    );
  });

  test(`on ${on}: a second Ctrl-C stops at once`, async (t) => {
    const dir = folder(t);
    const running = new Running(['map', `${functions}#endless`, '--range', '0..9', '--on', on, '--out', 'r.jsonl'], { cwd: dir });
    await running.says('running');
    running.child.kill('SIGINT');
    await running.says('once more stops at once');
    const again = setInterval(() => running.child.kill('SIGINT'), 100); // those that come too soon are the same request
    const { code, stderr } = await running.ended;
    clearInterval(again);
    assert.equal(code, 130);
    assert.match(stderr, /--resume/);
  });
}

/** A finished run over 1..20 whose even inputs failed, in a folder of its own. */
async function finishedRun(): Promise<{ dir: string; args: string[]; results: ResultLine[]; remove(): void }> {
  const dir = mkdtempSync(join(tmpdir(), 'meantime-'));
  const args = ['map', `${functions}#oddOnly`, '--range', '1..20', '--out', 'r.jsonl', '-w', '1', '-q'];
  await meantime(args, { cwd: dir });
  return { dir, args, results: resultsIn(join(dir, 'r.jsonl')), remove: () => rmSync(dir, { recursive: true }) };
}

test('what a former run has written is neither overwritten nor mixed up', async (t) => {
  const { dir, args, results, remove } = await finishedRun();
  t.after(remove);
  const out = join(dir, 'r.jsonl');
  const before = readFileSync(out, 'utf8');
  const refused = async (expected: RegExp, ...typed: string[]) => {
    const { code, stderr } = await meantime(typed, { cwd: dir });
    assert.match(stderr, expected);
    assert.equal(code, 2);
    assert.equal(readFileSync(out, 'utf8'), before);
  };
  await refused(/r\.jsonl exists and is not empty: --force overwrites it/, ...args);
  await refused(/its function was .*#oddOnly and is now .*#double/, ...args.map((a) => a.replace('oddOnly', 'double')), '--resume');
  await refused(/its errors file was none and is now e\.jsonl/, ...args, '--resume', '--errors', 'e.jsonl');
  await refused(/its kind of inputs was range and is now list/, 'map', `${functions}#oddOnly`, '1', '2', '--out', 'r.jsonl', '--resume');
  await refused(/have changed.*input 0 of 2\.\.21 is now 2 and was 1/, ...args.map((a) => a.replace('1..20', '2..21')), '--resume');
  await refused(
    /have changed.*ended after 10 inputs, and input 19 has a result/,
    ...args.map((a) => a.replace('1..20', '1..10')),
    '--resume',
  );
  const more = await meantime([...args.map((a) => a.replace('1..20', '1..30')), '--resume'], { cwd: dir });
  assert.equal(more.code, 1);
  assert.deepEqual(notOnce(resultsIn(out), 30), [], 'inputs that were added at the end are done');
  assert.equal(results.length, 20);
  await meantime([...args, '--force'], { cwd: dir });
  assert.deepEqual(notOnce(resultsIn(out), 20), []);
});

test('resuming a finished run does nothing and says the same with its exit code', async (t) => {
  const { dir, args, remove } = await finishedRun();
  t.after(remove);
  const before = readFileSync(join(dir, 'r.jsonl'), 'utf8');
  assert.equal((await meantime([...args, '--resume'], { cwd: dir })).code, 1);
  assert.equal(readFileSync(join(dir, 'r.jsonl'), 'utf8'), before);
});

test('--retry-failed runs the failed inputs again and leaves one line for each', async (t) => {
  const { dir, args, remove } = await finishedRun();
  t.after(remove);
  const { code, stderr } = await meantime([...args.filter((a) => a !== '-q'), '--resume', '--retry-failed'], { cwd: dir });
  assert.equal(code, 1);
  assert.match(stderr, /Done: 10 inputs .*10 done before, 10 failed/);
  assert.deepEqual(notOnce(resultsIn(join(dir, 'r.jsonl')), 20), []);
});

test('damage in the middle of a results file is not taken for a torn end', async (t) => {
  const { dir, args, remove } = await finishedRun();
  t.after(remove);
  const out = join(dir, 'r.jsonl');
  const lines = readFileSync(out, 'utf8').split('\n');
  lines[3] = lines[3].slice(5);
  writeFileSync(out, lines.join('\n'));
  const damaged = await meantime([...args, '--resume'], { cwd: dir });
  assert.match(damaged.stderr, /r\.jsonl:4 is not a result line/);
  assert.equal(damaged.code, 2);
  lines[3] = lines[2];
  writeFileSync(out, lines.join('\n'));
  assert.match((await meantime([...args, '--resume'], { cwd: dir })).stderr, /r\.jsonl:4 is a second result for input/);
});

test('the outputs of a run are not taken for its inputs when it is resumed', async (t) => {
  const dir = folder(t);
  for (const name of ['a.jsonl', 'z.jsonl']) writeFileSync(join(dir, name), '');
  const args = ['map', `${functions}#same`, '*.jsonl', '--out', 'm.jsonl', '--errors', 'n.jsonl', '-q'];
  assert.equal((await meantime(args, { cwd: dir })).code, 0);
  assert.equal((await meantime([...args, '--resume'], { cwd: dir })).code, 0);
  assert.deepEqual(
    resultsIn(join(dir, 'm.jsonl'))
      .map((r) => r.value)
      .sort(),
    ['a.jsonl', 'z.jsonl'],
  );
});

test('zeros at the end, as a loss of power leaves them, are cut off', async (t) => {
  const { dir, args, remove } = await finishedRun();
  t.after(remove);
  const out = join(dir, 'r.jsonl');
  appendFileSync(out, Buffer.alloc(5000));
  assert.equal((await meantime([...args, '--resume'], { cwd: dir })).code, 1);
  assert.deepEqual(notOnce(resultsIn(out), 20), []);
});

test('--ordered keeps its order through a kill and a resume', async (t) => {
  const dir = folder(t);
  const args = ['map', `${functions}#work`, '--range', '0..3999', '-w', '2', '--out', 'r.jsonl', '--ordered', '--resume', '--json'];
  const running = new Running(args, { cwd: dir });
  await running.says('"failure"');
  running.child.kill('SIGKILL');
  await running.ended;
  assert.ok(resultsIn(join(dir, 'r.jsonl')).length < 4000);
  await meantime(args, { cwd: dir });
  assert.deepEqual(
    resultsIn(join(dir, 'r.jsonl')).map((r) => r.index),
    Array.from({ length: 4000 }, (_, i) => i),
  );
});
