import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TaskExecutor } from 'meantime/tasks';
import { add, echo, exit, linesOf, pauseAndReturn } from '../fixtures/calls/calls.js';
import { file, kinds, until } from '../fixtures/calls/pools.js';
import { endThenTakeTime, needsFile } from '../fixtures/reviewed/calls.js';
import { within } from '../fixtures/reviewed/within.js';

/** What a review found about the queue of a pool and its shutdown: each was a hang, a wrong count or a lost call. */
const limit = { timeout: 60_000 };

for (const { name, make } of kinds) {
  test(`${name}: a map whose only input cannot travel fails, and leaves the queue as it was`, limit, async () => {
    await using pool = make({ workers: 1 });
    await pool.submit(add, 1, 2);
    await assert.rejects(within('the map', pool.map(echo, [() => 1])), { name: 'NotCloneableError' });
    assert.equal(pool.stats().queued, 0);
    assert.equal(await within('the next call', pool.submit(add, 1, 2)), 3);
    assert.equal(pool.stats().queued, 0);
    await within('the shutdown', pool.shutdown());
  });

  test(`${name}: an input that cannot travel, among others that go one by one, holds no later call up`, limit, async () => {
    await using pool = make({ workers: 1 });
    await pool.submit(add, 1, 2);
    const inputs = [1, 2, () => 1, 4, 5, 6];
    await assert.rejects(within('the map', pool.map(echo, inputs, { timeout: 5000 })), { name: 'NotCloneableError' });
    assert.equal(await within('the next call', pool.submit(add, 1, 2)), 3);
    assert.deepEqual([pool.stats().queued, pool.stats().running], [0, 0]);
    await within('the shutdown', pool.shutdown());
  });

  test(`${name}: a map that fails since no worker can start leaves the queue empty, and later starts work`, limit, async () => {
    const ready = file();
    await using pool = make({ workers: 1, initializer: [needsFile, ready] });
    await assert.rejects(within('the map', pool.map(echo, [1, 2, 3, 4, 5], { timeout: 5000 })), { message: 'not yet' });
    assert.equal(pool.stats().queued, 0);
    writeFileSync(ready, '');
    assert.equal(await within('a call after the start works', pool.submit(add, 1, 2)), 3);
    assert.equal(pool.stats().queued, 0);
    await within('the shutdown', pool.shutdown());
  });

  test(`${name}: a call that is cancelled between its tries leaves the queue as it was`, limit, async () => {
    await using pool = make({ workers: 1 });
    await pool.submit(add, 1, 2);
    const ran = file();
    const dying = pool.with({ retries: 3 }).submit(exit, ran, 3);
    const beside = pool.submit(pauseAndReturn, 50, 'beside');
    await until('its worker is lost', () => pool.stats().lost === 1);
    dying.cancel();
    await assert.rejects(within('the cancelled call', dying), { name: 'AbortError' });
    assert.equal(await within('the call beside it', beside), 'beside');
    assert.deepEqual([pool.stats().queued, linesOf(ran).length], [0, 1]);
    await within('the shutdown', pool.shutdown());
  });

  test(`${name}: a shutdown waits for the second try of a call whose worker ended`, limit, async () => {
    await using pool = make({ workers: 1 });
    await pool.submit(add, 1, 2);
    const future = pool.with({ retries: 1 }).submit(endThenTakeTime, file());
    await within('the shutdown', pool.shutdown());
    assert.deepEqual([future.state, pool.stats().workers], ['fulfilled', 0]);
    assert.equal(future.result(), 'second try');
  });

  test(`${name}: an initializer that cannot travel fails calls and broadcasts, and the shutdown ends`, limit, async () => {
    const outer = Math.random();
    await using pool = make({ workers: 1, initializer: () => outer });
    await assert.rejects(within('the call', pool.submit(add, 1, 2)), { name: 'NotPortableError' });
    await assert.rejects(within('the broadcast', pool.broadcast(add, 1, 2)), { name: 'NotPortableError' });
    assert.equal(pool.stats().queued, 0);
    await within('the shutdown', pool.shutdown());
  });

  test(`${name}: an initializer whose argument cannot travel fails calls, and the shutdown ends`, limit, async () => {
    await using pool = make({ workers: 1, initializer: [echo, () => 1] });
    await assert.rejects(within('the call', pool.submit(add, 1, 2)), { name: 'WorkerStartError', message: /could not be cloned/ });
    assert.equal(pool.stats().queued, 0);
    await within('the shutdown', pool.shutdown());
  });
}

for (const [why, variant] of Object.entries({ 'is gone': 'removed', 'has become a file': 'file' })) {
  test(
    `processes: a replacement that cannot be spawned as its folder ${why} fails the calls that wait, and the shutdown ends`,
    limit,
    async () => {
      // A program of its own: its output and its exit code are what is looked at.
      const program = fileURLToPath(new URL('../../../test/fixtures/reviewed/no-replacement.mjs', import.meta.url));
      const child = spawn(process.execPath, [program, file(), variant], { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += chunk;
      });
      const [code] = await within('the program', once(child, 'close'), 20_000).finally(() => child.kill('SIGKILL'));
      assert.equal(code, 0, text);
      assert.deepEqual(text.split('\n'), ['1', 'WorkerLostError', 'WorkerStartError', 'queued 0', 'shut down', '']);
    },
  );
}

test('tasks: a shutdown with cancelPending ends under a running map, which is cancelled', limit, async () => {
  const executor = new TaskExecutor({ concurrency: 2 });
  const events = new EventEmitter();
  const [started, released] = [once(events, 'started'), once(events, 'release')];
  let running = 0;
  const hold = async () => {
    if (++running === 2) events.emit('started');
    await released;
  };
  const map = executor.map(hold, [1, 2, 3, 4, 5, 6, 7, 8]);
  const outcome = assert.rejects(within('the map', map), { name: 'AbortError' });
  await started;
  const end = executor.shutdown({ cancelPending: true });
  events.emit('release');
  await within('the shutdown', end);
  await outcome;
  assert.deepEqual([executor.stats().queued, executor.stats().running], [0, 0]);
});

test('tasks: a call that is submitted by a call and cancelled at once is not counted as queued', limit, async () => {
  await using executor = new TaskExecutor({ concurrency: 1 });
  await executor.submit(async () => {
    executor.submit(() => 1).cancel();
    await null;
  });
  assert.equal(executor.stats().queued, 0);
  const [first, second] = [executor.submit(() => pauseAndReturn(5, 'A')), executor.submit(() => 'B')];
  assert.deepEqual(await within('the calls after it', Promise.all([first, second])), ['A', 'B']);
});

test('tasks: a timeout with retries gives up a call that never settles', limit, async () => {
  const executor = new TaskExecutor({ concurrency: 1 });
  let tries = 0;
  const never = () => {
    tries++;
    return new Promise<void>(() => undefined);
  };
  const view = executor.with({ timeout: 20, retries: 1 });
  await assert.rejects(within('the call', view.submit(never)), { name: 'TimeoutError' });
  assert.equal(tries, 1); // the first never let go, and two at once are refused
  await within('the shutdown', executor.shutdown({ grace: 0 })); // without a grace it would wait for that try
});
