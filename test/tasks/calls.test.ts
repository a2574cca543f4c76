import '../setup/shared-pools.js';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { toProcess } from 'meantime/processes';
import { currentTask, type TaskGroup, withTaskGroup, withTimeout } from 'meantime/tasks';
import { toThread } from 'meantime/threads';
import { isInTask, untilAborted } from '../fixtures/calls/until-aborted.js';

const forms = {
  async: (group: TaskGroup, told: Int32Array) =>
    group.spawn(async () => {
      await toThread(untilAborted, told);
    }),
  generator: (group: TaskGroup, told: Int32Array) =>
    group.spawn(function* () {
      yield* toThread(untilAborted, told);
    }),
};

for (const [form, spawn] of Object.entries(forms)) {
  test(`a call to a thread is cancelled with the task that made it (${form})`, async () => {
    const told = new Int32Array(new SharedArrayBuffer(4));
    await withTaskGroup(async (group) => {
      const task = spawn(group, told);
      while (Atomics.load(told, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
      task.cancel('enough');
      await assert.rejects(async () => await task, { name: 'AbortError' });
    });
    while (Atomics.load(told, 0) === 1) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(told[0], 2);
  });
}

test('a call to a process is cut off by the time limit around it', async () => {
  const began = performance.now();
  await assert.rejects(async () => await withTimeout(300, () => toProcess(() => new Promise(() => {}))), { name: 'TimeoutError' });
  assert.ok(performance.now() - began < 5000);
});

test('a call that a task makes and nobody awaits is still reported if it fails', async () => {
  const program = `
    import { run } from 'meantime/tasks';
    import { toThread } from 'meantime/threads';
    await run(async () => {
      toThread(() => { throw new Error('nobody looked'); });
      await new Promise((resolve) => setTimeout(resolve, 2000));
    });`;
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) =>
    execFile(process.execPath, ['--input-type=module', '-e', program], (error, _, text) => resolve({ code: error?.code, stderr: text })),
  );
  assert.equal(code, 1);
  assert.match(stderr, /nobody looked/);
});

test('a call on a thread is outside of every task', async () => {
  await withTaskGroup(async (group) => {
    await group.spawn(async () => {
      assert.ok(currentTask() !== undefined);
      assert.equal(await toThread(isInTask), false);
    });
  });
});
