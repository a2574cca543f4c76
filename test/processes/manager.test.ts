import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Manager, ProcessPoolExecutor, ProcessQueue, type Remote } from 'meantime/processes';
import { createThere, Dict, hold, Keeper, nameOf, setFrom, Thenable, Unmakable, Witness } from './manager-classes.js';

for (const [where, open] of [
  ['a process of its own', () => Manager.start()],
  ['this process', () => Promise.resolve(new Manager())],
] as const) {
  describe(`a manager in ${where}`, () => {
    test('methods, inherited ones too, and properties', async () => {
      await using manager = await open();
      using dict = await manager.create(Dict, [['a', 1]]);
      assert.equal(await dict.get('a'), 1);
      await dict.set('b', new Map([[1, new Date(5)]]));
      assert.deepEqual(await dict.get('b'), new Map([[1, new Date(5)]]));
      assert.equal(await dict.inherited(), 'from the base');
      assert.equal((await dict.pid()) === process.pid, where === 'this process');
      assert.equal(await Manager.read(dict, 'size'), 2);
      await Manager.write(dict, 'label', 'another');
      assert.equal(await Manager.read(dict, 'label'), 'another');
    });

    test('what is not to be reached is an error that lists the methods', async () => {
      await using manager = await open();
      using dict = await manager.create(Dict);
      const any = dict as unknown as Record<string, () => unknown>;
      assert.throws(() => any.nosuch, { name: 'NoMethodError', code: 'MEANTIME_NO_METHOD', message: /get, set, keys.*inherited/ });
      assert.throws(() => any._private, { code: 'MEANTIME_NO_METHOD' });
      for (const name of ['_secret', 'constructor', '__proto__', 'toString', 'hasOwnProperty', 'get', 'nosuch']) {
        await assert.rejects(Manager.read(dict, name), { code: 'MEANTIME_NO_METHOD' }, name);
        await assert.rejects(Manager.write(dict, name, 1), { code: 'MEANTIME_NO_METHOD' }, name);
      }
      await assert.rejects(Manager.write(dict, 'size', 1), { code: 'MEANTIME_NO_METHOD' });
      assert.equal((dict as { then?: unknown }).then, undefined);
    });

    test('errors cross, with their class, their code and both stacks', async () => {
      await using manager = await open();
      using dict = await manager.create(Dict);
      const error = await dict.fail().then(
        () => assert.fail('it was to fail'),
        (e: unknown) => e as Error,
      );
      assert.ok(error instanceof RangeError);
      assert.equal(error.message, 'no such thing');
      assert.equal((error as { code?: unknown }).code, 'E_NO');
      assert.match(error.stack ?? '', /at Dict\.fail[\s\S]*manager\.test/);
      await assert.rejects(manager.create(Unmakable), { name: 'RangeError', message: 'cannot be made' });
      await assert.rejects(dict.func(), { code: 'MEANTIME_NOT_CLONEABLE' });
      await assert.rejects(
        dict.set('f', () => 1),
        { code: 'MEANTIME_NOT_CLONEABLE' },
      );
    });

    test('iterators stream, and run no further than they are read', async () => {
      await using manager = await open();
      using dict = await manager.create(Dict, [
        ['a', 1],
        ['b', 2],
      ]);
      const seen: unknown[] = [];
      for await (const key of dict.keys()) seen.push(key);
      for await (const n of dict.count(200)) seen.push(n);
      assert.deepEqual(seen, ['a', 'b', ...Array.from({ length: 200 }, (_, i) => i)]);
      for await (const n of await dict.endless()) if (n === 5) break;
      const reached = (await Manager.read(dict, 'reached')) as number;
      // The sixth is in the first batch of up to 64, or in a later one if that was cut short.
      assert.ok(reached >= 6 && reached < 6 + 64, `${reached} were made for 6`);
      assert.equal(await Manager.read(dict, 'closed'), true);
      const before: number[] = [];
      await assert.rejects(
        async () => {
          for await (const n of dict.failing()) before.push(n);
        },
        { name: 'RangeError', message: 'after two' },
      );
      assert.deepEqual(before, [1, 2]);
    });

    test('a call that is cancelled has its signal aborted', async () => {
      await using manager = await open();
      using told = new ProcessQueue<string>(5);
      using dict = await manager.create(Dict);
      const call = dict.untilAborted(told);
      assert.equal(await told.get(), 'waiting');
      call.cancel('enough');
      await assert.rejects(call, { name: 'AbortError' });
      assert.equal(await told.get(), 'aborted');
    });

    test('an object is freed with its last handle, wherever that is', async () => {
      await using manager = await open();
      await using pool = new ProcessPoolExecutor({ workers: 1 });
      using freed = new ProcessQueue<string>(5);
      const witness = await manager.create(Witness, freed);
      assert.equal(await pool.submit(nameOf, witness), 'witness');
      assert.equal(await manager.objects(), 1);
      witness[Symbol.dispose]();
      await assert.rejects(witness.name(), { code: 'MEANTIME_CONNECTION_CLOSED' });
      await pool.shutdown(); // with it goes the handle that garbage collection has not come to
      assert.equal(await freed.get(), 'freed');
      assert.equal(await manager.objects(), 0);
    });

    test('what a killed process held is released', async () => {
      await using manager = await open();
      await using pool = new ProcessPoolExecutor({ workers: 1 });
      using freed = new ProcessQueue<string>(5);
      using ready = new ProcessQueue<number>(5);
      const witness = await manager.create(Witness, freed);
      const holder = pool.submit(hold, witness, ready);
      const pid = await ready.get();
      witness[Symbol.dispose]();
      assert.equal(await manager.objects(), 1);
      process.kill(pid, 'SIGKILL');
      await assert.rejects(holder, { name: 'WorkerLostError' });
      assert.equal(await freed.get(), 'freed');
    });

    test('handles are arguments and results', async () => {
      await using manager = await open();
      await using pool = new ProcessPoolExecutor({ workers: 1 });
      const dict = await manager.create(Dict);
      using keeper = await manager.create(Keeper);
      await pool.submit(setFrom, dict, 'x', 1);
      await keeper.keep(dict);
      dict[Symbol.dispose]();
      using again = (await keeper.kept()) as Remote<Dict>;
      assert.equal(await again.get('x'), 1);
      assert.equal(
        await pool.submit(setFrom, again, 'y', new RangeError('kept')).then(() => again.get('y').then(String)),
        'RangeError: kept',
      );
    });
  });
}

test('a manager with a process of its own travels: objects are made in it elsewhere, and their handles returned', async () => {
  await using manager = await Manager.start();
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  using dict = await pool.submit(createThere, manager, 7);
  const [pid, value] = (await dict.get('made')) as number[];
  assert.equal(value, 7);
  assert.notEqual(pid, await dict.pid());
  assert.notEqual(pid, process.pid);
  await pool.shutdown();
  assert.equal((await dict.get('made')) !== undefined, true);
});

test('a manager in this process travels, and makes no object of a class that another process names', async () => {
  await using manager = new Manager();
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  await assert.rejects(pool.submit(createThere, manager, 7), { code: 'MEANTIME_NOT_PORTABLE', message: /runs no code that others name/ });
  assert.equal(await manager.objects(), 0);
});

test('a manager whose process is gone: nothing hangs', async () => {
  await using manager = await Manager.start();
  const dict = await manager.create(Dict);
  using told = new ProcessQueue<string>(1);
  const waiting = dict.untilAborted(told);
  await told.get();
  const exit = dict.exit();
  await assert.rejects(waiting, { code: 'MEANTIME_CONNECTION_CLOSED' });
  await assert.rejects(exit, { code: 'MEANTIME_CONNECTION_CLOSED' });
  await assert.rejects(dict.get('a'), { code: 'MEANTIME_CONNECTION_CLOSED' });
  await assert.rejects(manager.create(Dict), { code: 'MEANTIME_CONNECTION_CLOSED' });
});

test('a class with a method `then`: its handle is no promise', async () => {
  await using manager = await Manager.start();
  using handle = await manager.create(Thenable);
  assert.equal(await handle.name(), 'thenable');
});

test('what is wrong with the use of a manager is said', async () => {
  await assert.rejects(Manager.start({ nosuch: 1 } as never), { code: 'MEANTIME_OPTION' });
  await using manager = await Manager.start();
  await assert.rejects((manager.create as unknown as (of: unknown) => Promise<unknown>).call(manager, 5), { code: 'MEANTIME_OPTION' });
  const outer = 1;
  await assert.rejects(
    manager.create(
      class {
        get(): number {
          return outer;
        }
      },
    ),
    { code: 'MEANTIME_NOT_PORTABLE' },
  );
  await assert.rejects(Manager.read({} as never, 'a'), { code: 'MEANTIME_OPTION' });
});
