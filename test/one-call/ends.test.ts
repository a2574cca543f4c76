import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkerLostError } from 'meantime';
import { activeProcesses, Process } from 'meantime/processes';
import { activeThreads, Thread } from 'meantime/threads';
import { linesOf } from '../fixtures/calls/calls.js';
import { file, isGone, until } from '../fixtures/calls/pools.js';
import { add, burn, eatMemory, endOnTerm, exit, fail, forEver, ignoreTerm, throwOutside } from '../fixtures/one-call/calls.js';
import { kinds } from './kinds.js';

for (const { kind, Kind } of kinds) {
  test(`${kind}: process.exit in the call is a WorkerLostError with its code and last words`, async () => {
    for (const code of [0, 3]) {
      const one = Kind.start(exit, code);
      await assert.rejects(
        async () => await one,
        (error: WorkerLostError) => {
          assert.ok(error instanceof WorkerLostError);
          assert.deepEqual([error.exitCode, error.signal], [code, null]);
          assert.match(error.message, new RegExp(`-\\d+ \\(exit\\) was lost while it ran exit \\(exit code ${code}\\)`));
          // A thread's own descriptor 2 is the process's: only what goes through its process.stderr is heard.
          if (kind === 'process') assert.match(error.stderr, /the last words/);
          return true;
        },
      );
      await one.join();
    }
  });

  test(`${kind}: an error outside of the call ends it, and is told`, async () => {
    const one = Kind.start(throwOutside);
    await assert.rejects(
      async () => await one,
      (error: WorkerLostError) => {
        assert.ok(error instanceof WorkerLostError);
        assert.equal(error.exitCode, 1);
        assert.match(error.message, /out of any call/);
        return true;
      },
    );
    await one.join();
  });

  test(`${kind}: out of memory ends only itself`, async () => {
    const one = Kind.with({ memoryLimit: 40 * 2 ** 20 }).start(eatMemory);
    await assert.rejects(async () => await one, WorkerLostError);
    await one.join();
  });

  test(`${kind}: terminate ends a loop that never yields; that is no unhandledRejection`, async () => {
    const burning = file();
    const one = Kind.start(burn, burning);
    await until('it burns', () => linesOf(burning).length === 1);
    await one.terminate();
    assert.equal(one.state, 'rejected');
  });

  test(`${kind}: terminate rejects the future, before it is up as well`, async () => {
    const one = Kind.start(forEver, file());
    const gone = one.terminate();
    await assert.rejects(async () => await one, WorkerLostError);
    await gone;
    await one.terminate(); // again: nothing more to do
  });

  test(`${kind}: terminate after the call has ended changes nothing of its outcome`, async () => {
    const one = Kind.start(add, 1, 2);
    await one;
    await one.terminate();
    assert.equal(one.result(), 3);
    const failed = Kind.start(fail);
    await assert.rejects(async () => await failed, RangeError);
    await failed.terminate();
  });
}

test('threads: activeThreads has those that are not gone', async () => {
  const one = Thread.start(forEver, file());
  const other = Thread.start(add, 1, 2);
  assert.deepEqual(activeThreads(), [one, other]);
  await other.join();
  assert.deepEqual(activeThreads(), [one]);
  await one.terminate();
  assert.deepEqual(activeThreads(), []);
});

test('processes: activeProcesses has those that are not gone', async () => {
  const one = Process.start(forEver, file());
  assert.deepEqual(activeProcesses(), [one]);
  await one.terminate();
  assert.deepEqual(activeProcesses(), []);
});

test('threads: the thread keeps its id when it is gone', async () => {
  const one = Thread.start(add, 1, 2);
  const { threadId } = one;
  assert.ok(threadId !== undefined && threadId > 0);
  await one.join();
  assert.equal(one.threadId, threadId);
});

test('processes: exit codes and signals are told', async () => {
  const fine = Process.start(add, 1, 2);
  assert.deepEqual([fine.exitCode, fine.signalCode], [null, null]);
  await fine.join();
  assert.deepEqual([fine.exitCode, fine.signalCode], [0, null]);
  const failed = Process.start(fail);
  await assert.rejects(async () => await failed, RangeError);
  await failed.join();
  assert.deepEqual([failed.exitCode, failed.signalCode], [1, null]);
  const set = Process.start(() => {
    process.exitCode = 5;
  });
  await set;
  await set.join();
  assert.deepEqual([set.exitCode, set.signalCode], [5, null]);
});

for (const [signal, name] of [
  [undefined, 'SIGKILL'],
  ['SIGTERM', 'SIGTERM'],
  [9, 'SIGKILL'],
] as const) {
  test(`processes: kill(${signal ?? ''}) ends a busy loop and is told`, async () => {
    const burning = file();
    const child = Process.start(burn, burning);
    await until('it burns', () => linesOf(burning).length === 1);
    assert.equal(child.kill(0), true);
    assert.equal(child.kill(signal), true);
    await child.join();
    assert.deepEqual([child.exitCode, child.signalCode], [null, name]);
    assert.ok(isGone(child.pid as number));
    assert.equal(child.kill(), false);
    assert.throws(() => child.result(), { name: 'WorkerLostError', signal: name });
  });
}

test('processes: a kill -9 by somebody else rejects the future', async () => {
  const waiting = file();
  const child = Process.start(forEver, waiting);
  await until('it waits', () => linesOf(waiting).length === 1);
  process.kill(child.pid as number, 'SIGKILL');
  await assert.rejects(async () => await child, { name: 'WorkerLostError', signal: 'SIGKILL', exitCode: null });
  await child.join();
});

test('processes: an unknown signal is an error, and harms nobody', async () => {
  const child = Process.start(add, 1, 2);
  assert.throws(() => child.kill('SIGNOT' as never), { code: 'ERR_UNKNOWN_SIGNAL' });
  assert.equal(await child, 3);
  await child.join();
});

test('processes: terminate is a SIGTERM, which a process may answer with an end of its own', async () => {
  const waiting = file();
  const child = Process.start(endOnTerm, waiting);
  await until('it waits', () => linesOf(waiting).length === 1);
  await child.terminate();
  assert.deepEqual([child.exitCode, child.signalCode], [7, null]);
});

test('processes: one that hears SIGTERM and stays is killed after killGrace', async () => {
  const waiting = file();
  const child = Process.with({ killGrace: 100 }).start(ignoreTerm, waiting);
  await until('it waits', () => linesOf(waiting).length === 1);
  const began = performance.now();
  await child.terminate();
  assert.ok(performance.now() - began >= 90);
  assert.equal(child.signalCode, 'SIGKILL');
  assert.deepEqual(linesOf(waiting), ['waits', 'heard']);
  assert.throws(() => child.result(), { name: 'WorkerLostError' });
});
