import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AutoExecutor } from 'meantime/advisor';
import { map } from 'meantime/batch';
// @ts-expect-error a module without types, found from build/test/
import * as fixture from '../../../test/fixtures/advisor/calls.mjs';
import { folder, meantime, notOnce, resultLines } from '../cli-harness.js';

const run = promisify(execFile);
const fixtures = fileURLToPath(new URL('../../../test/fixtures/advisor/', import.meta.url));
const calls = join(fixtures, 'calls.mjs');
const { spin, configure, readsState, failsAlways, exitsAt7, loopsAt3, spins, waits, same } = fixture as Record<
  string,
  (x: never) => unknown
>;
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i) as never[];

async function program(name: string, env: Record<string, string> = {}, on: readonly string[] = []): Promise<string[]> {
  const [file, ...args] = [...on, process.execPath, join(fixtures, name)];
  const { stdout } = await run(file, args, { env: { ...process.env, ...env }, timeout: 60_000 });
  return stdout.trim().split('\n');
}

test('no inputs, and one', async () => {
  for (const options of [{}, { isolate: true }, { maxConcurrency: 1 }]) {
    await using executor = new AutoExecutor(options);
    assert.deepEqual(await executor.map(same, []), []);
    for await (const _ of executor.map(same, new Set<never>())) assert.fail('there is none');
    assert.deepEqual(await executor.map(same, [5 as never]), [5]);
  }
  for await (const _ of map(same, [])) assert.fail('there is none');
  const results = [];
  for await (const value of map(spins, [5 as never])) results.push(value);
  assert.deepEqual(results, [5]);
});

test('all inputs fail', async () => {
  for (const isolate of [false, true]) {
    await using executor = new AutoExecutor({ isolate });
    await assert.rejects(async () => await executor.map(failsAlways, upTo(500)), { name: 'TypeError', message: 'no 0' });
    const all = await executor.map(failsAlways, upTo(500), { onError: 'settle' });
    assert.ok(all.every(({ status, index, input }, i) => status === 'rejected' && index === i && input === i));
    const { done, queued } = executor.stats();
    assert.deepEqual([done, queued], [0, 0]);
  }
});

test('a call that ends the process is lost, isolated, and no other', async () => {
  await using executor = new AutoExecutor({ isolate: true });
  const all = await executor.map(exitsAt7, upTo(100), { onError: 'settle', chunk: 1 });
  assert.deepEqual(
    all.flatMap((one) => (one.status === 'rejected' ? [[one.input, (one.reason as Error).name]] : [])),
    [[7, 'WorkerLostError']],
  );
});

test('state that the main program sets up is seen on this thread, and on threads if an initializer sets it up there', async () => {
  (configure as (as: string) => void)('main');
  await using executor = new AutoExecutor();
  const seen = new Set(await executor.map(readsState as (x: number) => string, new Array(200).fill(5)));
  // A function whose module has state is one that has to be set up wherever it runs: nothing can know that.
  assert.deepEqual([...seen].sort(), executor.point.on === 'threads' ? ['here: main', 'there: nothing'] : ['here: main']);
  await using prepared = new AutoExecutor({ initializer: [configure as (as: string) => void, 'initializer'] });
  assert.deepEqual([...new Set(await prepared.map(readsState as (x: number) => string, new Array(50).fill(2)))], ['there: initializer']);
  assert.equal(prepared.point.on, 'threads', 'what its threads are prepared for does not run here');
});

test('on a machine with one core work that computes stays here', async (t) => {
  try {
    execFileSync('taskset', ['-c', '0', 'true']);
  } catch (error) {
    return t.skip(`needs taskset: ${(error as Error).message}`);
  }
  const [line] = await program('one-core.mjs', {}, ['taskset', '-c', '0']);
  assert.deepEqual(JSON.parse(line), { cores: 1, threads: [0], on: 'tasks', mapped: 60 });
});

test('an executor without work holds no timer and does not keep the process, used or not, with threads or without', async () => {
  const [line, ends] = await program('idle.mjs');
  const { atFirst, after, threads, point } = JSON.parse(line);
  assert.deepEqual([atFirst, after, ends], [[], [], 'ends']);
  assert.ok(threads >= 1);
  assert.deepEqual(point, { on: 'tasks', workers: 1, concurrency: 2 });
});

for (const LATER of ['0', '150']) {
  test(`work of a module that its own threads import is not done again by them (mapped after ${LATER} ms)`, async (t) => {
    const MARKS = join(folder(t), 'marks');
    const lines = await program('unguarded.mjs', { MARKS, LATER });
    const marks = readFileSync(MARKS, 'utf8').trim().split('\n');
    assert.equal(new Set(marks).size, marks.length, `${marks.length - new Set(marks).size} were done twice`);
    const [values, ...others] = lines.sort().reverse();
    assert.equal(values, 'values 120');
    assert.ok(
      others.every((line) => line === 'MEANTIME_RECURSIVE_IMPORT'),
      lines.join(),
    );
  });
}

test('a failure that nobody looks at is an unhandled rejection, wherever it was', async () => {
  for (const env of [{}, { ISOLATE: '1' }, { HERE: '1' }] as Record<string, string>[]) {
    assert.deepEqual(await program('unhandled.mjs', env), ['unhandled RangeError']);
  }
});

const small = ['--range', '0..49'];

test('meantime map: no inputs, one input, inputs that all fail', async () => {
  const none = await meantime(['map', `${calls}#same`, '--explain', '--lines', '-']);
  assert.deepEqual([none.code, none.stdout], [0, '']);
  assert.match(none.stderr, /Nothing was decided: it stayed where it began/);
  const one = await meantime(['map', `${calls}#spins`, '--range', '1..1', '--explain']);
  assert.deepEqual([one.code, resultLines(one.stdout).map(({ value }) => value)], [0, [1]]);
  const all = await meantime(['map', `${calls}#failsAlways`, ...small, '--explain']);
  assert.equal(all.code, 1);
  assert.deepEqual(notOnce(resultLines(all.stdout), 50), []);
  assert.ok(resultLines(all.stdout).every(({ status, error }) => status === 'rejected' && error?.name === 'TypeError'));
});

test('meantime map: a call that ends the process, and one that never returns', async () => {
  const exits = await meantime(['map', `${calls}#exitsAt7`, ...small, '--chunk', '1']);
  assert.equal(exits.code, 1);
  assert.deepEqual(notOnce(resultLines(exits.stdout), 50), []);
  const failed = (text: string) => resultLines(text).flatMap(({ input, error }) => (error ? [[input, error.name]] : []));
  assert.deepEqual(failed(exits.stdout), [[7, 'WorkerLostError']]);
  const loops = await meantime(['map', `${calls}#loopsAt3`, ...small, '--timeout', '700ms']);
  assert.equal(loops.code, 1);
  assert.deepEqual(notOnce(resultLines(loops.stdout), 50), []);
  assert.deepEqual(failed(loops.stdout), [[3, 'TimeoutError']]);
});

test('meantime map: limits, a rate, and what was decided, in words and as events', async () => {
  const limited = await meantime(['map', `${calls}#spins`, '--range', '0..299', '--max-workers', '1', '--explain']);
  assert.deepEqual([limited.code, notOnce(resultLines(limited.stdout), 300)], [0, []]);
  for (const [, workers] of limited.stderr.matchAll(/^ {2}after [^:]*: (\d+) threads?/gm)) assert.equal(workers, '1');
  const inFlight = await meantime(['map', `${calls}#waits`, '--range', '0..299', '--max-concurrency', '3', '--explain', '--json']);
  assert.deepEqual([inFlight.code, notOnce(resultLines(inFlight.stdout), 300)], [0, []]);
  const events = inFlight.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const decisions = events.filter(({ event }) => event === 'decision');
  for (const { reason, to, from, at } of decisions) {
    assert.ok(reason.length > 10 && at >= 0 && from.workers >= 1);
    assert.ok(to.workers * to.concurrency <= 3, JSON.stringify(to));
  }
  assert.equal(events.at(-1 - decisions.length).event, 'end');
  const began = performance.now();
  const rated = await meantime(['map', `${calls}#same`, '--range', '0..39', '--rate', '40/s']);
  assert.deepEqual([rated.code, notOnce(resultLines(rated.stdout), 40)], [0, []]);
  assert.ok(performance.now() - began > 700, 'not faster than allowed');
});

test('meantime map: options that contradict each other are refused with a sentence', async () => {
  for (const [wrong, says] of [
    [['--on', 'threads', '--max-workers', '2'], /max-workers is for runs that find out/],
    [['--on', 'tasks', '--max-concurrency', '2'], /max-concurrency is for runs that find out/],
    [['--workers', '2', '--max-workers', '2'], /"?max-?[wW]orkers"?/],
    [['--on', 'auto', '--workers', '2'], /"?workers"? .*auto.*"?max-?[wW]orkers"?/],
    [['--max-workers', '0'], /max-workers/],
  ] as [string[], RegExp][]) {
    const { code, stdout, stderr } = await meantime(['map', `${calls}#same`, ...small, ...wrong]);
    assert.deepEqual([code, stdout], [2, ''], stderr);
    assert.match(stderr, says);
    assert.equal(stderr.trim().split('\n').length <= 2, true, stderr);
  }
});

test('map of this program runs the same inputs as a loop would', async () => {
  for (const fn of [spins, waits, same, spin]) {
    const inputs = upTo(80).map((x) => (fn === spin ? 3 : x)) as never[];
    const got: unknown[] = [];
    for await (const value of map(fn, inputs)) got.push(value);
    assert.equal(got.length, 80);
    if (fn !== spin) assert.deepEqual(got, inputs);
  }
  const results = map(loopsAt3, upTo(6), { timeout: 700, onError: 'settle' });
  const states: string[] = [];
  for await (const one of results) states.push((one as { status: string }).status);
  assert.deepEqual(states.sort(), [...new Array(5).fill('fulfilled'), 'rejected']);
});
