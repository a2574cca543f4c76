// Rules 4 and 45 of docs/from-asyncio.md, which need the real clock, real threads and real signals.
import '../../setup/shared-pools.js';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { Lock, run, sleep, withTaskGroup, withTimeout } from 'meantime/tasks';
import { toThread } from 'meantime/threads';
import { countUntilCancelled } from './counting.js';

test('rule 4: on the real clock no sleep ends too early', async () => {
  await withTaskGroup((group) => {
    for (let i = 0; i < 200; i++) {
      group.spawn(async () => {
        const ms = i / 8;
        const start = performance.now();
        await sleep(ms);
        const slept = performance.now() - start;
        assert.ok(slept >= ms, `sleep(${ms}) ended after ${slept} ms`);
      });
    }
  });
});

test('rule 45: cancelling who waits for a thread releases it at once, and the call in the thread is told', async () => {
  const memory = new SharedArrayBuffer(8);
  const counts = new Int32Array(memory);
  await withTaskGroup(async (group) => {
    const task = group.spawn(async () => toThread(countUntilCancelled, memory));
    while (Atomics.load(counts, 0) === 0) await sleep(1); // until it really runs over there
    task.cancel();
    await assert.rejects(task, { name: 'AbortError' });
  });
  while (Atomics.load(counts, 1) === 0) await sleep(1); // a call that was not told would count on for ever
});

/** Runs a program in a process of its own, sends SIGINT whenever it writes "ready", and gives how it ended and what it wrote. */
async function interrupted(program: string): Promise<{ code: number | null; signal: string | null; lines: string[] }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: new URL('../../../../', import.meta.url),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    for (let i = chunk.split('ready').length - 1; i > 0; i--) child.kill('SIGINT');
    text += chunk;
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, lines: text.split('\n').filter((line) => line !== '' && line !== 'ready') };
}

const main = (body: string): string =>
  `import { run, sleep, withShield } from 'meantime/tasks'; const out = (text) => process.stdout.write(text + '\\n'); ${body}`;

test('rule 45: the first Ctrl-C cancels the run, waits for its clean-up and ends the process with 130', async () => {
  const { code, lines } = await interrupted(
    main(`
      const root = run(async () => {
        try { out('ready'); await sleep(60_000); } finally { await withShield(() => sleep(20)); out('cleaned up'); }
      });
      root.catch((error) => out(root.state + ' ' + error.reason));
    `),
  );
  assert.deepEqual(lines, ['cleaned up', 'cancelled SIGINT']);
  assert.equal(code, 130);
});

test('rule 45: a main that swallows the Ctrl-C and returns gives its value', async () => {
  const { code, lines } = await interrupted(
    main("out(await run(async () => { try { out('ready'); await sleep(60_000); } catch { return 'all the same'; } }));"),
  );
  assert.deepEqual(lines, ['all the same']);
  assert.equal(code, 0);
});

test('rule 45: the second Ctrl-C ends the process as usual', async () => {
  const { signal, lines } = await interrupted(
    main(
      "await run(async () => { try { out('ready'); await sleep(60_000); } finally { out('ready'); await withShield(() => sleep(60_000)); } });",
    ),
  );
  assert.deepEqual(lines, []);
  assert.equal(signal, 'SIGINT');
});

test('rule 45: a lock belongs to nobody: it works outside of any run, and in one run after another', async () => {
  const lock = new Lock();
  const outside = await lock.acquire();
  const first = run(() => withTimeout(5, () => lock.acquire()), { handleSigint: false });
  await assert.rejects(first, { name: 'TimeoutError' });
  outside.release();
  await run(() => lock.with(() => sleep(1)), { handleSigint: false });
  assert.equal(lock.locked, false);
});
