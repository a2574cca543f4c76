import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, ProcessPoolExecutor, pipe } from 'meantime/processes';
import { run, withTaskGroup } from 'meantime/tasks';
import { ThreadPoolExecutor } from 'meantime/threads';

const kinds = [
  { name: 'threads', make: (workers: number) => new ThreadPoolExecutor({ workers }) },
  { name: 'processes', make: (workers: number) => new ProcessPoolExecutor({ workers }) },
] as const;

const echo = async (connection: Connection): Promise<number> => {
  let n = 0;
  for await (const message of connection) {
    n++;
    await connection.send(message);
  }
  return n;
};
const collect = async (connection: Connection<unknown>): Promise<unknown[]> => {
  const got: unknown[] = [];
  for await (const message of connection) got.push(message);
  return got;
};
const count = (n: number) => Array.from({ length: n }, (_, i) => i);

test('in one process: both ways, in order, copied, to the end', async () => {
  const [a, b] = pipe<{ n: number }>();
  const message = { n: 1 };
  await a.send(message);
  message.n = 2;
  await a.send(message);
  await b.send({ n: 3 });
  assert.deepEqual([b.waiting, a.waiting], [2, 1]);
  assert.deepEqual(await a.receive(), { n: 3 });
  await a.close();
  assert.ok(b.closed);
  await assert.rejects(async () => await b.send(message), {
    name: 'ConnectionClosedError',
    message: /the other side of this connection is gone/,
  });
  assert.deepEqual(b.tryReceive(), { n: 1 });
  assert.deepEqual(await collect(b), [{ n: 2 }]);
  assert.throws(() => b.tryReceive(), { name: 'ConnectionClosedError' });
  await assert.rejects(async () => await a.receive(), { name: 'ConnectionClosedError', message: /was closed here/ });
  await assert.rejects(async () => await a.send(message), { name: 'ConnectionClosedError', message: /was closed here/ });
  await a.close();
});

test('in one process: who sends too much waits, in turn, until it is taken', async () => {
  const [a, b] = pipe<number | Uint8Array>();
  const order: number[] = [];
  const bytes = new Uint8Array(300_000);
  const sends = count(8).map((n) => a.send(bytes).then(() => order.push(n)));
  await new Promise(setImmediate);
  assert.deepEqual(order, [0, 1, 2, 3]);
  const small = a.send(8);
  const cut = a.send(9, { timeout: 1 });
  await assert.rejects(async () => await cut, { name: 'TimeoutError' });
  const got = [];
  for (let n = 0; n < 9; n++) got.push(await b.receive());
  await Promise.all([...sends, small]);
  assert.deepEqual(order, count(8));
  assert.equal(got[8], 8);
  assert.equal(b.tryReceive(), undefined); // what was cut off was not sent
  const waits = [a.send(bytes), a.send(bytes), a.send(bytes), a.send(bytes), a.send(bytes)];
  await b.close();
  await assert.rejects(async () => await waits[4], { name: 'ConnectionClosedError' });
});

test('those who receive are served first come first served, and one that was cut off takes nothing', async () => {
  const [a, b] = pipe<number>();
  const waits = count(4).map(() => b.receive());
  waits[1].cancel();
  await assert.rejects(async () => await waits[1], { name: 'AbortError' });
  for (const n of count(3)) await a.send(n);
  assert.deepEqual(await Promise.all([waits[0], waits[2], waits[3]]), [0, 1, 2]);
  await run(() =>
    withTaskGroup(async (group) => {
      const task = group.spawn(async () => await b.receive());
      await group.spawn(async () => undefined);
      group.spawn(async () => task.cancel());
    }),
  ).catch((error) => assert.equal(error.name, 'AbortError'));
  await a.send(9);
  assert.equal(await b.receive(), 9);
  await a.close();
});

for (const { name, make } of kinds) {
  test(`${name}: an end is passed as an argument, and talks with this one; what was sent before is there`, async () => {
    const pool = make(1);
    const [a, b] = pipe();
    const values = [1, 'two', { three: [3] }, new Uint8Array(100_000).fill(4), new Map([['five', new Date(5)]]), null, undefined];
    for (const value of values) await a.send(value);
    const call = pool.submit(echo, b);
    const got: unknown[] = [];
    for (const _ of values) got.push(await a.receive());
    assert.deepEqual(got, values);
    for (const n of count(1000)) a.send(n);
    for (const n of count(1000)) assert.equal(await a.receive(), n);
    await assert.rejects(async () => await b.send(1), { name: 'ConnectionClosedError', message: /has moved to another process or thread/ });
    assert.throws(() => b.tryReceive(), { message: /has moved/ });
    await assert.rejects(async () => await collect(b), { message: /has moved/ });
    await a.close();
    assert.equal(await call, values.length + 1000);
    await pool.shutdown();
  });

  test(`${name}: both ends are passed, and two workers talk by way of this process`, async () => {
    const pool = make(2);
    const [a, b] = pipe<number>();
    const sums = pool.submit(async (c: Connection<number>) => {
      let sum = 0;
      for await (const n of c) sum += n;
      return sum;
    }, b);
    await pool.submit(async (c: Connection<number>) => {
      for (let n = 1; n <= 20_000; n++) await c.send(n);
      await c.close();
    }, a);
    assert.equal(await sums, 200_010_000);
    await pool.shutdown();
  });

  test(`${name}: an end comes back in a result, in an argument of a message, and goes on to the next; nothing is lost or doubled`, async () => {
    const pool = make(2);
    const [a, b] = pipe<number>();
    let end = b;
    let next = 0;
    for (let round = 0; round < 6; round++) {
      for (let n = 0; n < 5; n++) a.send(round * 5 + n);
      // Takes some, leaves some, and gives it back: nested, and as it is.
      const [took, back] = (await pool.submit(
        async (box: { end: Connection<number> }, take: number) => {
          const took: number[] = [];
          for (let i = 0; i < take; i++) took.push(await box.end.receive());
          await box.end.send(-1 - took.length);
          return [took, box.end] as const;
        },
        { end },
        round % 2 === 0 ? 3 : 4,
      )) as [number[], Connection<number>];
      for (const n of took) assert.equal(n, next++);
      end = back;
      if (round % 3 === 2) assert.equal(await end.receive(), next++); // here, too
      assert.equal(await a.receive(), -1 - took.length);
    }
    await a.close();
    const rest = (await collect(end)) as number[];
    assert.deepEqual([...count(next), ...rest], count(30));
    await pool.shutdown();
  });

  test(`${name}: a worker passes it on to a worker of its own`, async () => {
    const pool = make(1);
    const [a, b] = pipe<string>();
    const call = pool.submit(
      async (c: Connection<string>, door: string, executor: string) => {
        const inner = new (await import(door))[executor]({ workers: 1 });
        const first = await c.receive();
        const done = await inner.submit(
          async (d: Connection<string>, seen: string) => {
            const message = await d.receive();
            await d.send(`${seen} ${message} from deep below`);
            await d.close();
          },
          c,
          first,
        );
        await inner.shutdown();
        return done;
      },
      b,
      import.meta.resolve(name === 'threads' ? 'meantime/processes' : 'meantime/threads'),
      name === 'threads' ? 'ProcessPoolExecutor' : 'ThreadPoolExecutor',
    );
    await a.send('one');
    await a.send('two');
    assert.equal(await a.receive(), 'one two from deep below');
    assert.deepEqual(await collect(a), []);
    await call;
    await pool.shutdown();
  });

  test(`${name}: a pipe made in a worker comes out as a result, and works while the worker lives`, async () => {
    const pool = make(1);
    const end = (await pool.submit(
      async (door: string) => {
        const { pipe } = await import(door);
        const [a, b] = pipe();
        (async () => {
          for await (const n of a) await a.send(n * n);
        })();
        return b;
      },
      import.meta.resolve('meantime/processes'),
    )) as Connection<number>;
    await end.send(12);
    assert.equal(await end.receive(), 144);
    await pool.shutdown();
    assert.deepEqual(await collect(end), []);
  });

  test(`${name}: an end travels in a message through another pipe`, async () => {
    const pool = make(1);
    const [a, b] = pipe<Connection<number> | string>();
    const call = pool.submit(async (c: Connection<Connection<number> | string>) => {
      const inner = (await c.receive()) as Connection<number>;
      let sum = 0;
      for await (const n of inner) sum += n;
      await c.send(`sum ${sum}`);
    }, b);
    const [x, y] = pipe<number>();
    await x.send(1);
    await a.send(y);
    for (const n of count(10)) await x.send(n);
    await x.close();
    assert.equal(await a.receive(), 'sum 46');
    await call;
    await a.close();
    await pool.shutdown();
  });

  test(`${name}: a worker that takes nothing makes the sender wait; one that is passed on in the middle loses nothing`, async () => {
    const pool = make(2);
    const [a, b] = pipe<Uint8Array>();
    const [gate, theirs] = pipe<string>();
    const call = pool.submit(
      async (c: Connection<Uint8Array>, gate: Connection<string>) => {
        const first = await c.receive();
        await gate.receive();
        return [first[0], c] as const;
      },
      b,
      theirs,
    );
    const block = (n: number) => new Uint8Array(100_000).fill(n);
    let sent = 0;
    const sending = (async () => {
      for (; sent < 60; sent++) await a.send(block(sent));
      await a.close();
    })();
    // It gets as far as the window allows, and no further.
    while (sent < 10) await new Promise(setImmediate);
    await pool.submit(async () => undefined);
    await pool.submit(async () => undefined);
    assert.ok(sent <= 12, `${sent} blocks`);
    await gate.send('go on');
    const [first, end] = (await call) as [number, Connection<Uint8Array>];
    const rest = await pool.submit(async (c: Connection<Uint8Array>) => {
      const seen: number[] = [];
      for await (const bytes of c) seen.push(bytes[0]);
      return seen;
    }, end);
    await sending;
    assert.deepEqual([first, ...rest], count(60));
    await gate.close();
    await pool.shutdown();
  });

  test(`${name}: the same end given to two: one has it, the other is told`, async () => {
    const pool = make(2);
    const [a, b] = pipe<string>();
    const use = async (c: Connection<string>) => {
      await c.send('mine');
      for await (const _ of c);
    };
    const calls = [pool.submit(use, b), pool.submit(use, b)];
    assert.equal(await a.receive(), 'mine');
    const outcomes = Promise.allSettled(calls);
    await a.close();
    const states = (await outcomes).map(({ status }) => status).sort();
    assert.ok(states[0] === 'fulfilled' && states.length === 2);
    const refused = (await outcomes).find((o) => o.status === 'rejected');
    assert.match(String(refused?.reason), /ConnectionClosedError.*(was taken by another|gone)/s);
    await pool.shutdown();
  });

  test(`${name}: calls that wait behind another, with an end each, are given to who has time`, async () => {
    const pool = make(2);
    const pairs = count(20).map(() => pipe<number>());
    const calls = pairs.map(([, end], n) =>
      pool.submit(
        async (c: Connection<number>, n: number) => {
          if (n === 0) await c.receive(); // holds its worker until the others are done
          await c.send(n);
          await c.close();
        },
        end,
        n,
      ),
    );
    for (const [n, [a]] of pairs.entries()) if (n > 0) assert.deepEqual(await collect(a), [n]);
    await pairs[0][0].send(0);
    assert.deepEqual(await collect(pairs[0][0]), [0]);
    await Promise.all(calls);
    await pool.shutdown();
  });
}

for (const { name, make } of kinds) {
  test(`${name}: what a worker has sent has left when it is told to end`, async () => {
    const pool = make(1);
    const [a, b] = pipe<Uint8Array>();
    const call = pool.submit(async (c: Connection<Uint8Array>) => {
      for (let n = 0; n < 9; n++) await c.send(new Uint8Array(100_000).fill(n));
    }, b);
    // This thread reads nothing until the worker is told: the socket is full by then.
    await call;
    const shut = pool.shutdown();
    const until = performance.now() + 200;
    while (performance.now() < until);
    const got = (await collect(a)) as Uint8Array[];
    assert.deepEqual(
      got.map((bytes) => bytes[0]),
      count(9),
    );
    await shut;
  });
}

test('what cannot travel does not take an end along; a closed one cannot be passed', async () => {
  const [a, b] = pipe<unknown>();
  const [x, y] = pipe<string>();
  await assert.rejects(async () => await a.send({ y, f: () => 1 }), { name: 'NotCloneableError', message: /it\.f is a function f/ });
  await x.send('still here');
  assert.equal(await y.receive(), 'still here');
  await a.send({ y });
  await assert.rejects(async () => await y.receive(), { message: /has moved/ });
  const { y: arrived } = (await b.receive()) as { y: Connection<string> };
  await x.send('there');
  assert.equal(await arrived.receive(), 'there');
  await x.close();
  await assert.rejects(async () => await a.send(x), {
    name: 'NotCloneableError',
    message: /a Connection that was closed: pass one that is open/,
  });
  await Promise.all([a.close(), arrived.close()]);
});

test('a message that is too large, or that was cut off before, has not taken an end along', async () => {
  const [a, b] = pipe<unknown>();
  const [x, y] = pipe<string>();
  await assert.rejects(async () => await a.send({ y, large: new Uint8Array(65 * 2 ** 20) }), { code: 'MEANTIME_TOO_LARGE' });
  await assert.rejects(async () => await a.send({ y }, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  await x.send('still here');
  assert.equal(await y.receive(), 'still here');
  await Promise.all([a.close(), b.close(), x.close(), y.close()]);
});

test('an end in a message that waited for room in vain is still here, and works', async () => {
  const full = async () => {
    const [a, b] = pipe<unknown>();
    for (let i = 0; i < 4; i++) await a.send(new Uint8Array(2 ** 18));
    return [a, b] as const;
  };
  const [a, b] = await full();
  const [x, y] = pipe<string>();
  const waiting = x.receive();
  const sending = a.send({ y }, { timeout: 0 });
  await assert.rejects(async () => await sending, { code: 'MEANTIME_TIMEOUT' });
  await y.send('still here');
  assert.equal(await waiting, 'still here');

  const [u, v] = pipe<string>();
  const unsent = a.send({ v });
  await a.close();
  await assert.rejects(async () => await unsent, { code: 'MEANTIME_CONNECTION_CLOSED' });
  await v.send('this one, too');
  assert.equal(await u.receive(), 'this one, too');
  await Promise.all([b, x, y, u, v].map((end) => end.close()));
});

test('a call whose other argument cannot travel leaves its end here', async () => {
  const pool = new ProcessPoolExecutor({ workers: 1 });
  const [a, b] = pipe<string>();
  await assert.rejects(
    async () =>
      await pool.submit(
        (c: unknown, f: unknown) => [c, f].length,
        b,
        () => 1,
      ),
    { name: 'NotCloneableError' },
  );
  await b.send('still here');
  await b.close();
  assert.deepEqual(await collect(a), ['still here']);
  await pool.shutdown();
});
