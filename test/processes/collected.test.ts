import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Manager, ProcessEvent, ProcessLock, ProcessPoolExecutor, ProcessQueue } from 'meantime/processes';
import { collect, lockAndForget, useAndForget } from './collected-calls.js';
import { Witness } from './manager-classes.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Collects until something has happened: when a collector gets round to it, nobody says. */
async function collectUntil<T>(happened: Promise<T>): Promise<T> {
  let over = false;
  const done = happened.finally(() => {
    over = true;
  });
  while (!over) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return done;
}

test('a handle that is collected here frees its object', async () => {
  await using manager = await Manager.start();
  using freed = new ProcessQueue<string>(1);
  await (async () => {
    const witness = await manager.create(Witness, freed);
    assert.equal(await witness.name(), 'witness');
  })();
  assert.equal(await collectUntil(freed.get({ timeout: 10_000 })), 'freed');
  assert.equal(await manager.objects(), 0);
});

test('handles that are collected in another process free an object, while that process lives on', async () => {
  await using manager = await Manager.start();
  await using pool = new ProcessPoolExecutor({ workers: 1, execArgv: ['--expose-gc'] });
  using freed = new ProcessQueue<string>(1);
  using other = new ProcessEvent();
  const witness = await manager.create(Witness, freed);
  assert.equal(await pool.submit(useAndForget, witness), 'witness');
  witness[Symbol.dispose]();
  let isFreed = false;
  const freeing = freed.get({ timeout: 10_000 }).finally(() => {
    isFreed = true;
  });
  while (!isFreed) await pool.submit(collect, other);
  assert.equal(await freeing, 'freed');
});

test('a lock whose handles and guards were all forgotten over there is free again, and abandoned', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1, execArgv: ['--expose-gc'] });
  using lock = new ProcessLock();
  using other = new ProcessEvent();
  await pool.submit(lockAndForget, lock);
  let isFree = false;
  const acquiring = lock.acquire({ timeout: 10_000 }).finally(() => {
    isFree = true;
  });
  while (!isFree) await pool.submit(collect, other);
  assert.equal((await acquiring).abandoned?.name, 'AbandonedError');
});
