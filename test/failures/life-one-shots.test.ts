import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { CancelledError, TimeoutError, WorkerLostError, WorkerStartError } from 'meantime';
import { Process, toProcess } from 'meantime/processes';
import { portable, Thread, ThreadPoolExecutor, toThread } from 'meantime/threads';
// @ts-expect-error a module without types, found from build/test/
import { neverLoaded as loadsNot } from '../../../test/fixtures/calls/never-loads.mjs';
import { add, linesOf } from '../fixtures/calls/calls.js';
import { spins, waits } from '../fixtures/calls/life.js';
import { file, isGone, until } from '../fixtures/calls/pools.js';
import '../setup/shared-pools.js';

/*
 * A worker of one call: the same states, and what can be asked of it.
 */

const neverLoaded = loadsNot as () => number;
const BOUND = 15_000;

const kinds = [
  { kind: 'thread', Kind: Thread },
  { kind: 'process', Kind: Process },
] as const;

type One = Thread<unknown> | Process<unknown>;

const asks: Record<string, { limits?: object; ask?(one: One): unknown; isRight(error: unknown): boolean }> = {
  cancel: { ask: (one) => one.cancel(), isRight: (error) => error instanceof CancelledError },
  deadline: { limits: { deadline: 1500 }, isRight: (error) => error instanceof TimeoutError },
  'startTimeout or timeout': {
    limits: { timeout: 100, startTimeout: 3000 },
    isRight: (error) => error instanceof TimeoutError || (error instanceof WorkerStartError && /startTimeout/.test(error.message)),
  },
  terminate: { ask: (one) => one.terminate(), isRight: (error) => error instanceof WorkerLostError },
  'the end of its block': {
    ask: async (one) => await one[Symbol.asyncDispose](),
    isRight: (error) => error instanceof CancelledError,
  },
};

const states = [
  ...['spins', 'awaits'].map((how) => ({
    name: `loading a module that ${how}`,
    how,
    start: (Kind: typeof Thread | typeof Process) => Kind.start(neverLoaded) as One,
  })),
  ...[spins, waits].map((fn) => ({
    name: `running a call that ${fn.name}`,
    how: 'none',
    start: (Kind: typeof Thread | typeof Process, place: { note: string; gate: string }) => Kind.start(fn, place) as One,
  })),
];

for (const { kind, Kind } of kinds) {
  for (const { name, how, start } of states) {
    for (const [what, { limits, ask, isRight }] of Object.entries(asks)) {
      test(`${kind} ${name}: ${what}`, async () => {
        const place = { note: file(), gate: file() };
        writeFileSync(place.gate, '');
        const env = { ...process.env, NEVER_LOADS: how, NEVER_LOADS_NOTE: place.note, NEVER_LOADS_GATE: place.gate };
        const one = start(Kind.with({ grace: 100, env, ...limits }) as typeof Thread, place);
        const end = one.then(
          () => assert.fail('it ended'),
          (error) => error,
        );
        await until('it is there', () => linesOf(place.note).length > 0 || one.settled, BOUND);
        if (ask !== undefined) {
          await assert.rejects(async () => await one.join(1), TimeoutError); // it is still there
          Promise.resolve(ask(one)).catch(() => undefined);
        }
        await until('the call has settled', () => one.settled, BOUND);
        const error = await end;
        assert.ok(isRight(error), `it ended with ${error}`);
        await one.join(BOUND);
        if (kind === 'process') assert.ok(isGone((one as Process<unknown>).pid as number));
      });
    }
  }
}

for (const [kind, to] of [
  ['thread', toThread],
  ['process', toProcess],
] as const) {
  test(`${kind}: a shared worker that is held by what was left behind is not held for ever`, async () => {
    const place = { note: file(), gate: file() };
    writeFileSync(place.gate, '');
    const call = to(spins, place);
    await until('it runs', () => linesOf(place.note).length === 1, BOUND);
    call.cancel();
    await assert.rejects(async () => await call, CancelledError);
    assert.equal(await to(add, 1, 2), 3);
    rmSync(place.gate);
  });
}

for (const how of ['spins', 'awaits']) {
  for (const start of ['process', 'pool']) {
    test(`a parent that is killed leaves no process behind that is loading a module that ${how} (${start})`, {
      skip: process.platform !== 'linux' && 'only Linux tells what is gone',
    }, async () => {
      const place = { note: file(), gate: file() };
      writeFileSync(place.gate, '');
      const env = { ...process.env, NEVER_LOADS: how, NEVER_LOADS_NOTE: place.note, NEVER_LOADS_GATE: place.gate, START: start };
      const program = fileURLToPath(new URL('../../../test/fixtures/calls/parent-of-loading.mjs', import.meta.url));
      const parent = spawn(process.execPath, [program], { env, stdio: 'inherit' });
      await until('it is loading', () => linesOf(place.note).length > 0, BOUND);
      const pids = linesOf(place.note).map(Number);
      assert.ok(!pids.includes(parent.pid as number) && pids.every((pid) => !isGone(pid)));
      await new Promise((resolve) => setTimeout(resolve, 300)); // past the time at which another watches than at the start
      parent.kill('SIGKILL');
      await once(parent, 'exit');
      await until('the child is gone', () => pids.every(isGone), 2000);
    });
  }
}

test('a worker with many deaf calls that is ended warns of nothing: it is ended once', async () => {
  const warnings: Error[] = [];
  const warned = (warning: Error) => warnings.push(warning);
  process.on('warning', warned);
  const place = { note: file(), gate: file() };
  writeFileSync(place.gate, '');
  const pool = new ThreadPoolExecutor({ workers: 1, concurrency: 30, grace: 20 });
  const calls = Array.from({ length: 30 }, () => pool.submit(waits, place));
  await until('all of them run', () => linesOf(place.note).length === 30, BOUND);
  for (const call of calls) call.cancel();
  await Promise.allSettled(calls);
  await pool.shutdown({ cancelPending: true, grace: 0 });
  await pool.shutdown({ cancelPending: true, grace: 0 });
  const one = Thread.start(waits, place);
  const ends = Promise.all(Array.from({ length: 30 }, () => one.terminate()));
  await assert.rejects(async () => await one, WorkerLostError);
  await ends;
  await new Promise(setImmediate); // a warning is told in a later turn
  process.off('warning', warned);
  assert.deepEqual(warnings, []);
});

const linux = { skip: process.platform !== 'linux' && 'only Linux tells what is open' };

test(
  'what stays open where a thread is ended while it imports is a module that Node was opening, as with a bare Worker',
  linux,
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'imports-'));
    const long = `//${'x'.repeat(200_000)}`;
    for (let i = 0; i < 100; i++) writeFileSync(join(folder, `m${i}.mjs`), `${i < 99 ? `import './m${i + 1}.mjs';` : ''}${long}`);
    const begins = `import { appendFileSync } from 'node:fs'; appendFileSync(process.env.NOTE, 'begins\\n'); await import('./m0.mjs');`;
    writeFileSync(join(folder, 'main.mjs'), `${begins} export const never = () => 1;`);
    const { never } = portableIn(new URL(`file://${folder}/main.mjs`).href);
    const rounds = 30;
    /** Starts threads and ends them a little later each time. @returns what stays open. */
    const measured = async (start: (note: string) => () => Promise<unknown>) => {
      const before = new Set(openFiles());
      for (let i = 0; i < rounds; i++) {
        const note = file();
        const end = start(note);
        await until('it imports', () => linesOf(note).length > 0, BOUND);
        await new Promise((resolve) => setTimeout(resolve, i % 20)); // the moment is what is varied
        await end();
      }
      return openFiles().filter((name) => !before.has(name));
    };
    const bare = await measured((note) => {
      const worker = new Worker(join(folder, 'main.mjs'), { env: { ...process.env, NOTE: note } });
      return () => worker.terminate();
    });
    const ours = await measured((note) => {
      const one = Thread.with({ env: { ...process.env, NOTE: note } }).start(never);
      one.catch(() => undefined);
      return async () => await one.terminate();
    });
    rmSync(folder, { recursive: true });
    t.diagnostic(
      `${rounds} threads ended while they import leave open: ${bare.length} files with a bare Worker, ${ours.length} with Thread`,
    );
    const others = ours.filter((name) => !/\.m?js( \(deleted\))?$/.test(name));
    assert.deepEqual(others, []);
    if (Number(process.versions.node.split('.')[0]) >= 22) assert.deepEqual(ours, []); // from there on Node opens and reads them at once
  },
);

/** A function that travels as the export of a module that is not loaded here. */
function portableIn(url: string): { never: () => number } {
  return { never: portable(url, 'never', () => 1) };
}

/** What the descriptors of this process are, with the number of each. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return `${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`;
    } catch {
      return []; // that of the listing itself
    }
  });
}
