import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { type Connection, ProcessPoolExecutor, pipe } from 'meantime/processes';
import { ThreadPoolExecutor } from 'meantime/threads';

const collect = async (connection: Connection<unknown>): Promise<unknown[]> => {
  const got: unknown[] = [];
  for await (const message of connection) got.push(message);
  return got;
};
const lost = { name: 'WorkerLostError' };

/** Worker functions say their pid first, and then do what is in the way of their death. */
type Said = Connection<number | string | Uint8Array>;

test('killed while it waits to receive: the other end is told, whether it waits or sends', async () => {
  const pool = new ProcessPoolExecutor({ workers: 1 });
  const [a, b] = pipe<number | string | Uint8Array>();
  const call = pool.submit(async (c: Said) => {
    await c.send(process.pid);
    await c.receive();
  }, b);
  const pid = (await a.receive()) as number;
  const [wait, loop] = [a.receive(), collect(a)];
  process.kill(pid, 'SIGKILL');
  await assert.rejects(async () => await wait, { name: 'ConnectionClosedError', message: /the other side of this connection is gone/ });
  assert.deepEqual(await loop, []);
  await assert.rejects(async () => await a.send(1), { name: 'ConnectionClosedError' });
  await assert.rejects(async () => await call, lost);
  await pool.shutdown();
});

test('killed in the middle of a stream: what came is received, in order, and then the stream ends', async () => {
  const pool = new ProcessPoolExecutor({ workers: 1 });
  const [a, b] = pipe<number | string | Uint8Array>();
  const call = pool.submit(async (c: Said) => {
    await c.send(process.pid);
    for (let n = 0; ; n++) await c.send(n);
  }, b);
  call.catch(() => undefined);
  const pid = (await a.receive()) as number;
  let next = 0;
  for await (const n of a) {
    assert.equal(n, next++);
    if (next === 5000) process.kill(pid, 'SIGKILL');
  }
  assert.ok(next >= 5000);
  await assert.rejects(async () => await call, lost);
  await pool.shutdown();
});

test('killed while nobody takes what it sends, and while it takes nothing: who waits to send is told', async () => {
  const pool = new ProcessPoolExecutor({ workers: 1 });
  const [a, b] = pipe<number | string | Uint8Array>();
  const call = pool.submit(async (c: Said) => {
    await c.send(process.pid);
    for (;;) await c.send(new Uint8Array(100_000));
  }, b);
  call.catch(() => undefined);
  const pid = (await a.receive()) as number;
  const sends = Array.from({ length: 30 }, () => a.send(new Uint8Array(100_000)));
  while (a.waiting < 5) await new Promise(setImmediate);
  process.kill(pid, 'SIGKILL');
  const outcomes = await Promise.allSettled(sends);
  assert.equal(outcomes[0].status, 'fulfilled');
  const last = outcomes.at(-1) as PromiseRejectedResult;
  assert.equal(last.reason.name, 'ConnectionClosedError');
  assert.ok((await collect(a)).length >= 5);
  await assert.rejects(async () => await call, lost);
  await pool.shutdown();
});

test('killed before it took the end: while it starts, and with the call in it', async () => {
  for (const initializer of [undefined, () => process.kill(process.pid, 'SIGKILL')]) {
    const pool = new ProcessPoolExecutor({ workers: 1, initializer });
    const [a, b] = pipe<string>();
    await a.send('for nobody');
    const call = pool.submit((_: unknown) => process.kill(process.pid, 'SIGKILL'), b);
    await assert.rejects(async () => await call, /WorkerLostError|WorkerStartError/);
    assert.deepEqual(await collect(a), []);
    await assert.rejects(async () => await a.send('more'), { name: 'ConnectionClosedError' });
    await pool.shutdown();
  }
});

test('a call that runs again elsewhere takes its end along, if the first had not used it', async () => {
  const pool = new ProcessPoolExecutor({ workers: 1 });
  const [a, b] = pipe<string>();
  const flag = new SharedArrayBuffer(0); // nothing is shared with processes: the file tells whether it is the first time
  assert.equal(flag.byteLength, 0);
  const { mkdtempSync, rmSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const folder = mkdtempSync(`${tmpdir()}/meantime-test-`);
  await a.send('ping');
  const call = pool.with({ retries: 1 }).submit(
    async (c: Connection<string>, path: string) => {
      const { existsSync, writeFileSync } = process.getBuiltinModule('node:fs');
      if (!existsSync(path)) {
        writeFileSync(path, '');
        process.kill(process.pid, 'SIGKILL');
      }
      return await c.receive();
    },
    b,
    `${folder}/ran`,
  );
  assert.equal(await call, 'ping');
  await a.close();
  await pool.shutdown();
  rmSync(folder, { recursive: true });
});

test('the end that a killed worker had passed on lives on with its new holder', async () => {
  const [first, second] = [new ProcessPoolExecutor({ workers: 1 }), new ProcessPoolExecutor({ workers: 1 })];
  const [a, b] = pipe<number | string | Uint8Array>();
  const [end, pid] = (await first.submit(
    async (c: Said) => {
      await c.receive();
      return [c, process.pid] as const;
    },
    await a.send('one').then(() => b),
  )) as [Said, number];
  const echo = second.submit(async (c: Said) => {
    for await (const message of c) await c.send(message);
  }, end);
  process.kill(pid, 'SIGKILL');
  await a.send('two');
  assert.equal(await a.receive(), 'two');
  await a.close();
  await echo;
  await Promise.all([first.shutdown(), second.shutdown()]);
});

test('a thread that is terminated, or exits, ends the stream as well', async () => {
  for (const how of ['terminate', 'exit'] as const) {
    const pool = new ThreadPoolExecutor({ workers: 1 });
    const [a, b] = pipe<string>();
    const call = pool.with({ name: how }).submit(
      async (c: Connection<string>, how: string) => {
        await c.send('here');
        if (how === 'exit') {
          await c.receive();
          process.exit(3);
        }
        for (;;); // never lets go: cancelling ends the thread
      },
      b,
      how,
    );
    assert.equal(await a.receive(), 'here');
    if (how === 'exit') await a.send('go');
    else call.cancel();
    assert.deepEqual(await collect(a), []);
    await assert.rejects(async () => await call);
    await pool.shutdown({ grace: 0 });
  }
});

test('both ends are away and one holder is killed: the other is told; then the maker dies, and so are all', async () => {
  const pool = new ProcessPoolExecutor({ workers: 2 });
  const [a, b] = pipe<number | string | Uint8Array>();
  const [tell, told] = pipe<number | string | Uint8Array>();
  const victim = pool.submit(
    async (c: Said, tell: Said) => {
      await c.send('before');
      await tell.send(process.pid);
      await c.receive();
    },
    a,
    tell,
  );
  victim.catch(() => undefined);
  const other = pool.submit(async (c: Said) => {
    const got: unknown[] = [];
    for await (const message of c) got.push(message);
    return got;
  }, b);
  process.kill((await told.receive()) as number, 'SIGKILL');
  assert.deepEqual(await other, ['before']);
  await assert.rejects(async () => await victim, lost);
  await pool.shutdown();

  // A process that makes a pipe for two of its threads, of which we have one: by way of a result.
  const maker = new ProcessPoolExecutor({ workers: 1 });
  const [end, pid] = (await maker.submit(
    async (door: string) => {
      const { pipe } = await import(door);
      return [pipe()[0], process.pid] as const;
    },
    import.meta.resolve('meantime/processes'),
  )) as [Said, number];
  const wait = end.receive();
  await end.send('x');
  process.kill(pid, 'SIGKILL');
  await assert.rejects(async () => await wait, { name: 'ConnectionClosedError' });
  assert.deepEqual(await collect(end), []);
  await maker.shutdown();
});

test('an end in a message that its receiver was killed before taking: its other end is told', async () => {
  const pool = new ProcessPoolExecutor({ workers: 1 });
  const [a, b] = pipe<unknown>();
  const [x, y] = pipe<string>();
  const call = pool.submit(async (c: Connection<unknown>) => {
    await c.send(process.pid);
    for (;;); // it never looks
  }, b);
  call.catch(() => undefined);
  const pid = (await a.receive()) as number;
  await a.send({ y });
  process.kill(pid, 'SIGKILL');
  assert.deepEqual(await collect(x), []);
  await assert.rejects(async () => await call, lost);
  await pool.shutdown();
});

test('what a killed program leaves is swept away by the next', {
  skip: process.platform === 'win32' && 'pipes leave nothing on Windows',
}, async () => {
  const { existsSync, utimesSync } = await import('node:fs');
  const { dirname } = await import('node:path');
  const script = `
    const { pipe } = await import('meantime/processes');
    const travels = Symbol.for('meantime.travels');
    const [a, b] = pipe();
    console.log(b[travels]().parts[0]);
    if (process.argv[1] === 'wait') await a.receive();
    else await new Promise((resolve) => setTimeout(resolve, Number(process.argv[1])));`;
  const start = async (what: string) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, what], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = once(child, 'exit');
    const [path] = await once(child.stdout, 'data');
    return { child, exit, folder: dirname(String(path).trim()) };
  };
  const killed = await start('wait');
  killed.child.kill('SIGKILL');
  await killed.exit;
  assert.ok(existsSync(killed.folder));
  const past = new Date(Date.now() - 60_000); // what is fresh might be about to answer
  utimesSync(killed.folder, past, past);
  const alive = await start('wait');
  const other = await start('2000');
  await other.exit;
  assert.ok(!existsSync(killed.folder));
  assert.ok(!existsSync(other.folder));
  assert.ok(existsSync(alive.folder));
  alive.child.kill('SIGTERM');
  await alive.exit;
});
