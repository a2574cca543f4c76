/**
 * Promise 8: the process does not end, or hang, silently. While `run` waits the event loop is held; if nothing can ever wake it, it throws a `DeadlockError` with the tree of tasks. In processes of
 * their own, since what holds an event loop is a matter of the whole process.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { program } from './programs.js';

const forms: [kind: string, fn: (body: string) => string, wait: string][] = [
  ['async', (body) => `async () => {${body}}`, 'await'],
  ['generator', (body) => `function* () {${body}}`, 'yield*'],
];

for (const [kind, fn, wait] of forms) {
  test(`8: two tasks that wait for each other's lock (${kind})`, async () => {
    const { code, stdout, stderr } = await program(`
      import { Lock, run, sleep, withTaskGroup } from 'meantime/tasks';
      const [a, b] = [new Lock(), new Lock()];
      const take = (first, second) => ${fn(`
        using1(${wait} first.acquire());
        ${wait} sleep(1);
        console.log('has one');
        ${wait} second.acquire();
      `)};
      const using1 = (guard) => guard;
      await run(function main() {
        return withTaskGroup((group) => {
          group.spawn(take(a, b)).name = 'philosopher';
          group.spawn(take(b, a)).name = 'other philosopher';
        }, { name: 'table' });
      });
      console.log('never');
    `).end;
    assert.equal(stdout, 'has one\nhas one\n');
    assert.equal(code, 1);
    assert.match(stderr, /DeadlockError: Nothing can ever wake these tasks/);
    assert.match(
      stderr,
      /main #\d+: .*\n└─ group table: .*\n {3}├─ philosopher #\d+: waits for lock for \d+ ms\n {3}└─ other philosopher #\d+: waits for lock/,
    );
    assert.match(stderr, /MEANTIME_DEADLOCK/);
  });

  test(`8: a promise that nobody will settle (${kind})`, async () => {
    const { code, stderr } = await program(`
      import { run } from 'meantime/tasks';
      await run(${fn(kind === 'async' ? 'await new Promise(() => {});' : 'yield new Promise(() => {});')});
    `).end;
    assert.equal(code, 1);
    assert.match(stderr, /DeadlockError/);
  });

  test(`8: the deadlock cancels what waits, clean-up runs, and the error can be caught (${kind})`, async () => {
    const { code, stdout, stderr } = await program(`
      import { Event, run, sleep, withShield } from 'meantime/tasks';
      await run(${fn(`
        try {
          ${wait} new Event().wait();
        } finally {
          ${wait} withShield(() => sleep(5));
          console.log('cleaned up');
        }
      `)}).catch((error) => console.log(error.code));
      console.log('goes on');
    `).end;
    assert.deepEqual([stdout, stderr, code], ['cleaned up\nMEANTIME_DEADLOCK\ngoes on\n', '', 0]);
  });

  test(`8: also if the clean-up waits for nothing (${kind})`, async () => {
    const { code, stderr } = await program(`
      import { Event, run, withShield } from 'meantime/tasks';
      await run(${fn(`
        try {
          ${wait} new Event().wait();
        } finally {
          ${wait} withShield(() => new Event().wait());
        }
      `)});
    `).end;
    assert.equal(code, 1);
    assert.match(stderr, /DeadlockError/);
  });

  test(`8: a timer, a server or a child is reason enough to wait (${kind})`, async () => {
    const { code, stdout, stderr } = await program(`
      import { execFile } from 'node:child_process';
      import { createServer } from 'node:net';
      import { Event, run, sleep } from 'meantime/tasks';
      await run(${fn(`
        ${wait} sleep(20);
        const event = new Event();
        setTimeout(() => event.set(), 20);
        ${wait} event.wait();
        event.clear();
        execFile(process.execPath, ['-e', ''], () => event.set());
        ${wait} event.wait();
        event.clear();
        const server = createServer().listen(0, () => server.close(() => event.set()));
        ${wait} event.wait();
        console.log('done');
      `)});
    `).end;
    assert.deepEqual([stdout, stderr, code], ['done\n', '', 0]);
  });

  test(`8: a timer that does not hold the process is none (${kind})`, async () => {
    const { code, stderr } = await program(`
      import { Event, run } from 'meantime/tasks';
      const event = new Event();
      setTimeout(() => event.set(), 60_000).unref();
      await run(() => event.wait());
    `).end;
    assert.equal(code, 1);
    assert.match(stderr, /DeadlockError/);
  });

  test(`8: a process that waits for SIGTERM waits, and ends by it (${kind})`, async () => {
    const server = program(`
      import { Event, run, withTaskGroup } from 'meantime/tasks';
      await run(${fn(`
        const stop = new Event();
        process.once('SIGTERM', () => stop.set());
        console.log('ready');
        ${wait} stop.wait();
        console.log('stopped');
      `)});
    `);
    await server.wrote('ready');
    await new Promise((resolve) => setTimeout(resolve, 100)); // long enough for an empty event loop to be noticed
    assert.equal(server.process.exitCode, null);
    server.process.kill('SIGTERM');
    const { code, stdout, stderr } = await server.end;
    assert.deepEqual([stdout, stderr, code], ['ready\nstopped\n', '', 0]);
  });

  test(`8: the first SIGINT cancels and waits for the clean-up (${kind})`, async () => {
    const server = program(`
      import { run, sleep, withShield } from 'meantime/tasks';
      run(${fn(`
        try {
          console.log('ready');
          ${wait} sleep(60_000);
        } finally {
          ${wait} withShield(() => sleep(20));
          console.log('cleaned up');
        }
      `)}).catch((error) => console.log(error.name));
    `);
    await server.wrote('ready');
    server.process.kill('SIGINT');
    const { code, stdout, stderr } = await server.end;
    assert.deepEqual([stdout, stderr, code], ['ready\ncleaned up\nAbortError\n', '', 130]);
  });

  test(`8: the second SIGINT ends the process (${kind})`, async () => {
    const server = program(`
      import { run, sleep, withShield } from 'meantime/tasks';
      run(${fn(`
        try {
          console.log('ready');
          ${wait} sleep(60_000);
        } finally {
          console.log('cleaning up');
          ${wait} withShield(() => sleep(60_000));
        }
      `)});
    `);
    await server.wrote('ready');
    server.process.kill('SIGINT');
    await server.wrote('cleaning up');
    server.process.kill('SIGINT');
    const { signal, code } = await server.end;
    assert.deepEqual([signal, code], ['SIGINT', null]);
  });
}

test('8: a process whose run has ended ends, with nothing left that holds it', async () => {
  const { code, stdout } = await program(`
    import { run, sleep, withTaskGroup, withTimeout } from 'meantime/tasks';
    await run(() => withTimeout(600_000, () => withTaskGroup((group) => {
      for (let n = 0; n < 3; n++) group.spawn(async () => { await sleep(n); });
    })));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve))); // the timer of the limit is taken back once a turn
    console.log(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length, process.listenerCount('SIGINT'), process.listenerCount('beforeExit'));
  `).end;
  assert.deepEqual([stdout, code], ['0 0 0\n', 0]);
});

test('8: a failure that nobody looks at ends the process with it', async () => {
  const { code, stderr } = await program(`
    import { run, sleep } from 'meantime/tasks';
    run(async () => { await sleep(1); throw new RangeError('nobody looks'); });
  `).end;
  assert.equal(code, 1);
  assert.match(stderr, /RangeError: nobody looks/);
});
