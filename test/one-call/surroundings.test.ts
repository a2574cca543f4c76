import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { WorkerStartError } from 'meantime';
import { currentProcess, Process } from 'meantime/processes';
import { currentThread, Thread } from 'meantime/threads';
import { add, processHere, processWithin, surroundings, threadHere, threadWithin } from '../fixtures/one-call/calls.js';

async function textOf(stream: AsyncIterable<Buffer> | null): Promise<string> {
  assert.ok(stream);
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

test('threads: env is their own, and they know their name', async () => {
  assert.equal((await Thread.with({ env: { OWN: 'yes' } }).start(surroundings, 'OWN')).value, 'yes');
  assert.equal(process.env.OWN, undefined);
  const thread = Thread.with({ name: 'resizer' }).start(threadHere);
  assert.equal(thread.name, 'resizer');
  assert.deepEqual(await thread, { threadId: thread.threadId, name: 'resizer', isMain: false });
  assert.deepEqual(currentThread(), { threadId: 0, name: 'main', isMain: true });
  await thread.join();
});

test('threads: options pile up through with', async () => {
  const view = Thread.with({ name: 'one', env: { OWN: '1' } });
  const other = view.with({ name: 'two' });
  const [a, b] = [view.start(surroundings, 'OWN'), other.start(surroundings, 'OWN')];
  assert.deepEqual([a.name, b.name], ['one', 'two']);
  assert.deepEqual([(await a).value, (await b).value], ['1', '1']);
  await Promise.all([a.join(), b.join()]);
});

test('threads: what is transferred moves, and shared memory is shared', async () => {
  const bytes = new Uint8Array(16).fill(7);
  const thread = Thread.with({ transfer: [bytes.buffer] }).start((given: Uint8Array) => given.length, bytes);
  assert.equal(await thread, 16);
  assert.equal(bytes.byteLength, 0);
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const adder = Thread.start((words: Int32Array) => Atomics.add(words, 0, 5), shared);
  await adder;
  assert.equal(shared[0], 5);
  await Promise.all([thread.join(), adder.join()]);
});

test('processes: env, cwd and execArgv are their own, and they know their name', async () => {
  const cwd = realpathSync(tmpdir());
  const child = Process.with({ env: { OWN: 'yes' }, cwd, execArgv: ['--no-deprecation'], name: 'worker one' }).start(surroundings, 'OWN');
  assert.deepEqual(await child, { value: 'yes', cwd, flags: ['--no-deprecation'] });
  const here = Process.with({ name: 'worker two' }).start(processHere);
  assert.deepEqual(await here, { pid: here.pid, parentPid: process.pid, name: 'worker two', isMain: false });
  assert.deepEqual(currentProcess(), { pid: process.pid, parentPid: process.ppid, name: 'main', isMain: true });
  await Promise.all([child.join(), here.join()]);
});

test('processes: stdout and stderr are piped to whoever reads them, also after the end, and every byte of them', async () => {
  const size = 300_000;
  const child = Process.with({ stdout: 'pipe', stderr: 'pipe' }).start((n: number) => {
    process.stdout.write('o'.repeat(n));
    process.stderr.write('e'.repeat(n));
    return 'written';
  }, size);
  const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  assert.deepEqual([out.length, err.length], [size, size]);
  assert.equal(await child, 'written');
  const late = Process.with({ stdout: 'pipe' }).start(() => console.log('read me later'));
  assert.equal(late.stderr, null);
  await late.join();
  assert.equal(await textOf(late.stdout), 'read me later\n');
});

test('processes: stderr that is ignored or piped is still the last words of one that is lost', async () => {
  for (const stderr of ['ignore', 'pipe'] as const) {
    const child = Process.with({ stderr, stdout: 'ignore' }).start(() => {
      process.stdout.write('nobody reads this');
      process.stderr.write(`the disk is on fire\n`);
      process.exit(12);
    });
    child.stderr?.resume();
    await assert.rejects(async () => await child, { name: 'WorkerLostError', stderr: 'the disk is on fire\n', exitCode: 12 });
    await child.join();
  }
});

test('processes: a working directory that is not there is a WorkerStartError, and nothing hangs', async () => {
  const child = Process.with({ cwd: '/not/there' }).start(add, 1, 2);
  await assert.rejects(
    async () => await child,
    (error: Error) => {
      assert.ok(error instanceof WorkerStartError);
      assert.match(error.message, /ENOENT: the working directory \/not\/there is not there/);
      return true;
    },
  );
  await child.join();
  assert.equal(child.pid, undefined);
  assert.equal(child.kill(), false);
  await child.terminate();
});

test('one within another', async () => {
  assert.deepEqual(await Thread.start(threadWithin, 1, 2), [3, false]);
  assert.equal(await Process.start(processWithin, 1, 2), 3);
  assert.equal(await Thread.start(processWithin, 2, 2), 4);
});
