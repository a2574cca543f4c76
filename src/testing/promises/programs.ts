import assert from 'node:assert/strict';
import { type ExecutorPromise, promise } from '../promise.js';

/** Promises about whole programs: how a process ends, and what surfaces there. */
export const programs: readonly ExecutorPromise[] = [
  promise(
    'an idle executor lets the process end, with no shutdown',
    async (rig) => {
      const { code, stdout, stderr } = await rig.run(`
        console.log(await executor.submit(calls.add, 1, 2));
        await executor.map(calls.later, [1, 2, 3]);`);
      assert.deepEqual([code, stdout], [0, '3\n'], stderr);
    },
    'program',
  ),

  promise(
    'a call that is waited for keeps the process alive until it has ended',
    async (rig) => {
      const { code, stdout, stderr } = await rig.run(`
        executor.submit(calls.pause, 200).then(() => console.log('ended'));
        for await (const value of executor.map(calls.later, ['mapped'])) console.log(value);`);
      // Which of the two workers is there first is the machine's business.
      assert.deepEqual([code, stdout.split('\n').sort()], [0, ['', 'ended', 'mapped']], stderr);
    },
    'program',
  ),

  promise(
    'after a shutdown nothing keeps the process alive',
    async (rig) => {
      const { code, stdout, stderr } = await rig.run(`
        const futures = Array.from({ length: 100 }, (_, i) => executor.submit(calls.later, i));
        await executor.shutdown();
        console.log(futures.every((future) => future.state === 'fulfilled'), executor.stats().running);
        setImmediate(() => console.log(process.getActiveResourcesInfo().filter((name) => /Message|Process|Pipe|Worker/.test(name)).join() || 'nothing'));`);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^true 0\n/);
    },
    'program',
  ),

  promise(
    'a failure that nobody looks at is an unhandledRejection',
    async (rig) => {
      const { code, stdout, stderr } = await rig.run(`
        process.on('unhandledRejection', (error) => console.log('unhandled:', error.name, error.message));
        executor.submit(calls.failTimes, '/dev/null', 0);
        executor.submit(calls.later, 1).then(() => { throw new RangeError('in then'); });
        await executor.shutdown();
        const looked = executor.submit(calls.add, 1, 2);
        await new Promise((resolve) => setImmediate(resolve));
        try { looked.result(); } catch {}`);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /unhandled: RangeError in then/);
      const { code: dead, stderr: said } = await rig.run('executor.submit(calls.echo); executor.submit(calls.cannotPrepare, "/dev/null");');
      assert.equal(dead, 1);
      assert.match(said, /the initializer gives up/);
    },
    'program',
  ),

  promise(
    'a cancellation that nobody looks at is none',
    async (rig) => {
      const { code, stdout, stderr } = await rig.run(`
        process.on('unhandledRejection', (error) => console.log('unhandled:', error));
        executor.submit(calls.add, 1, 2).cancel();
        const running = executor.submit(calls.untilAborted, '/dev/null');
        await executor.submit(calls.add, 1, 2);
        running.cancel('enough');
        const awaited = executor.submit(calls.untilAborted, '/dev/null');
        const view = awaited.then(() => undefined, () => console.log('told'));
        awaited.cancel();
        await view;
        await executor.shutdown({ cancelPending: true, grace: 0 });`);
      assert.deepEqual([code, stdout], [0, 'told\n'], stderr);
    },
    'program',
  ),

  promise(
    'process.exit() in the middle of everything ends the program and all its workers',
    async (rig) => {
      const { code, stdout } = await rig.run(`
        executor.submit(calls.pause, 60_000);
        console.log(await executor.submit(calls.pid));
        process.exit(7);`);
      assert.equal(code, 7);
      const worker = Number(stdout);
      await rig.until('the worker is gone', () => {
        try {
          process.kill(worker, 0);
          return false;
        } catch {
          return true; // no such process
        }
      });
    },
    'program',
  ),
];
