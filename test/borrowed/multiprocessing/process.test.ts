// After CPython 3.13.0, Lib/test/_test_multiprocessing.py (PSF-2.0): Process.
import assert from 'node:assert/strict';
import { WorkerLostError } from 'meantime';
import { asCompleted } from 'meantime/futures';
import { activeProcesses, Process } from 'meantime/processes';
import { linesOf } from '../../fixtures/calls/calls.js';
import { file, isGone, until } from '../../fixtures/calls/pools.js';
import { openGate } from '../concurrent-futures/futures.js';
import { Ledger } from '../ledger.js';
import { exitWith, failWith, gather, leavesTimers, noteAndHold, shape, spin, square, tree } from './far.js';

const stdio = 'replaces stdout of the interpreter by an object that fails';
const forkserver = 'there is one way to start a process, and no server for it';
const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/_test_multiprocessing.py, of Process',
    licence: 'PSF-2.0',
    tests: {
      _TestProcess:
        'test_current test_set_executable test_args_argument test_daemon_argument test_parent_process_attributes test_parent_process test_process test_process_mainthread_native_id test_terminate test_kill test_cpu_count test_active_children test_recursion test_sentinel test_close test_many_processes test_lose_target_ref test_child_fd_inflation test_wait_for_threads test_error_on_stdio_flush_1 test_error_on_stdio_flush_2 test_forkserver_sigint test_forkserver_sigkill',
      _TestSubclassingProcess: 'test_subclassing test_stderr_flush test_sys_exit',
    },
    leftOut: {
      '_TestProcess.test_current': 'a process is its own; what is asked of it is in test_process',
      '_TestProcess.test_set_executable': 'a child runs the same Node, with the options that are given it',
      '_TestProcess.test_daemon_argument': 'no process outlives its parent: told in test/failures/orphans.test.ts',
      '_TestProcess.test_process_mainthread_native_id': 'Node does not tell the kernel number of a thread',
      '_TestProcess.test_cpu_count': 'os.availableParallelism() of Node',
      '_TestProcess.test_close': 'a handle of a process that has ended holds nothing',
      '_TestProcess.test_child_fd_inflation': forkserver,
      '_TestProcess.test_error_on_stdio_flush_1': stdio,
      '_TestProcess.test_error_on_stdio_flush_2': stdio,
      '_TestProcess.test_forkserver_sigint': forkserver,
      '_TestProcess.test_forkserver_sigkill': forkserver,
      '_TestProcess.test_lose_target_ref': 'a function is found by its name over there: nothing of it is held here',
      '_TestSubclassingProcess.test_subclassing': 'a process runs a function, not a method of its handle',
    },
  },
  [{ name: 'Process' }],
);

ledger.take(
  [
    '_TestProcess.test_process',
    '_TestProcess.test_args_argument',
    '_TestProcess.test_parent_process_attributes',
    '_TestProcess.test_parent_process',
  ],
  'started, with arguments, as a child of this one, to its end',
  async () => {
    const child = Process.start(shape);
    assert.deepEqual([child.settled, child.exitCode, activeProcesses().includes(child)], [false, null, true]);
    const there = await child;
    assert.deepEqual([there.pid, there.ppid, there.node], [child.pid, process.pid, process.execPath]);
    await child.join();
    assert.deepEqual([child.exitCode, child.signalCode, activeProcesses().includes(child)], [0, null, false]);
    assert.deepEqual(await Process.start(gather, 1, { a: 'b' }, [2]), [1, { a: 'b' }, [2]]);
  },
);

for (const [name, how, signal] of [
  ['_TestProcess.test_terminate', 'terminate', 'SIGTERM'],
  ['_TestProcess.test_kill', 'kill', 'SIGKILL'],
] as const) {
  ledger.take(name, `in the middle of a loop, by ${how}()`, async () => {
    const log = file();
    const child = Process.start(spin, log);
    await until('it runs', () => linesOf(log).length === 1);
    await assert.rejects(async () => await child.join(0), { name: 'TimeoutError' });
    await assert.rejects(async () => await child.join(-1), { code: 'MEANTIME_OPTION' });
    child[how]();
    await child.join(10_000);
    await assert.rejects(async () => await child, WorkerLostError);
    assert.deepEqual([child.exitCode, child.signalCode, child.kill()], [null, signal, false]);
    assert.ok(isGone(child.pid as number));
  });
}

ledger.take(
  ['_TestProcess.test_active_children', '_TestProcess.test_sentinel'],
  'there while it runs, and its end can be waited for',
  async () => {
    const [log, gate] = [file(), file()];
    const child = Process.start(noteAndHold, log, gate);
    assert.ok(activeProcesses().includes(child));
    await until('it runs', () => linesOf(log).length === 1);
    openGate(gate);
    for await (const done of asCompleted([child.join()])) done.result();
    assert.equal(activeProcesses().includes(child), false);
  },
);

ledger.take('_TestProcess.test_recursion', 'processes that start processes', async () => {
  const log = file();
  await Process.start(tree, log, '.', 2);
  assert.deepEqual(linesOf(log).sort(), ['.', './0', './0/0', './0/1', './1', './1/0', './1/1']);
});

ledger.take('_TestProcess.test_many_processes', 'several at once, that end and that are killed', async () => {
  assert.deepEqual(await Promise.all([1, 2, 3, 4].map((n) => Process.start(square, n))), [1, 4, 9, 16]);
  const log = file();
  const children = [1, 2, 3, 4].map(() => Process.start(spin, log));
  await until('all run', () => linesOf(log).length === 4, 30_000);
  await Promise.all(children.map((child) => child.terminate()));
  assert.deepEqual(
    children.map(({ signalCode }) => signalCode),
    new Array(4).fill('SIGTERM'),
  );
});

ledger.take('_TestProcess.test_wait_for_threads', 'the end of the call is the end: what it leaves behind holds nothing up', async () => {
  const child = Process.start(leavesTimers);
  assert.equal(await child, 'returned');
  await child.join(10_000);
  assert.equal(child.exitCode, 0);
});

ledger.take('_TestSubclassingProcess.test_stderr_flush', 'what it wrote last is there to the end', async () => {
  const child = Process.with({ stderr: 'pipe' }).start(failWith, 'the last words');
  const chunks: string[] = [];
  child.stderr?.on('data', (chunk) => chunks.push(`${chunk}`));
  await assert.rejects(async () => await child, /the last words/);
  await child.join();
  await until('all was read', () => chunks.join('').includes('the last words'));
  assert.equal(child.exitCode, 1);
});

ledger.take('_TestSubclassingProcess.test_sys_exit', 'an exit with a code is told by that code', async () => {
  for (const code of [0, 1, 8, 255]) {
    const child = Process.start(exitWith, code);
    await assert.rejects(async () => await child, { code: 'MEANTIME_WORKER_LOST', exitCode: code });
    await child.join();
    assert.equal(child.exitCode, code);
  }
});

ledger.account();
