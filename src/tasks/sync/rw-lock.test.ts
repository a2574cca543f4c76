import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTaskGroup } from '../group.js';
import { sleep } from '../sleep.js';
import { RwLock } from './rw-lock.js';
import { Ask, inVirtualTime, quiet } from './trial.js';

test('readers read together, a writer writes alone', () =>
  inVirtualTime(async () => {
    const lock = new RwLock();
    const seen: string[] = [];
    await withTaskGroup(async (group) => {
      for (const name of ['a', 'b'])
        group.spawn(() =>
          lock.withRead(async () => {
            seen.push(`${name} reads as one of ${lock.readers}`);
            await sleep(1);
          }),
        );
      for (const name of ['c', 'd'])
        group.spawn(() =>
          lock.withWrite(async () => {
            seen.push(`${name} writes with ${lock.readers}: ${lock.writing}`);
            await sleep(1);
          }),
        );
    });
    assert.deepEqual(seen, ['a reads as one of 1', 'b reads as one of 2', 'c writes with 0: true', 'd writes with 0: true']);
    assert.deepEqual([lock.readers, lock.writing, lock.waiting], [0, false, 0]);
  }));

test('readers who keep coming do not starve a writer', () =>
  inVirtualTime(async () => {
    const lock = new RwLock();
    let reads = 0;
    await withTaskGroup(async (group) => {
      const readers = Array.from({ length: 5 }, (_, i) =>
        group.spawn(async () => {
          await sleep(i);
          for (;;) {
            await lock.withRead(() => sleep(5));
            reads++;
          }
        }),
      );
      await sleep(20.5);
      const before = reads;
      await lock.withWrite(() => undefined);
      assert.ok(reads - before <= 5, `${reads - before} reads were begun before the writer's turn`);
      for (const reader of readers) reader.cancel();
    });
  }));

test('readers that wait behind a writer are let in when it is cancelled', () =>
  inVirtualTime(async () => {
    const lock = new RwLock();
    const reading = await lock.read();
    const writer = new Ask(() => lock.write());
    const readers = [new Ask(() => lock.read()), new Ask(() => lock.read(), true)];
    await quiet();
    assert.equal(lock.waiting, 3);
    assert.equal(lock.tryRead(), undefined, 'a writer waits');
    writer.cancel();
    await quiet();
    assert.ok(readers.every((each) => each.value));
    assert.equal(lock.readers, 3);
    for (const each of readers) each.value?.release();
    reading.release();
    assert.ok(lock.tryWrite());
  }));

test('a writer lets in all readers up to the next writer', () =>
  inVirtualTime(async () => {
    const lock = new RwLock();
    const writing = await lock.write();
    assert.deepEqual([lock.tryRead(), lock.tryWrite()], [undefined, undefined]);
    const first = [new Ask(() => lock.read()), new Ask(() => lock.read())];
    const writer = new Ask(() => lock.write());
    const late = new Ask(() => lock.read());
    writing.release();
    await quiet();
    assert.deepEqual([lock.readers, lock.writing, lock.waiting], [2, false, 2]);
    for (const each of first) each.value?.release();
    await quiet();
    assert.deepEqual([lock.readers, lock.writing, lock.waiting], [0, true, 1]);
    writer.value?.release();
    await quiet();
    assert.ok(late.value);
  }));
