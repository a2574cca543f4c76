import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CancelledError, NotCloneableError, OptionError, TimeoutError, WouldBlockError } from 'meantime';
import { ProcessPoolExecutor } from 'meantime/processes';
import { AtomicBigInt64, type AtomicCell, AtomicInt32, SharedArray, struct, ThreadPoolExecutor } from 'meantime/threads';
import { addMany, addToAll, addToRecords, Player, waitForValue, waitLaterForValue } from '../../fixtures/threads/values.js';

const pool = new ThreadPoolExecutor({ workers: 2 });
after(() => pool.shutdown());

/** What `wait` on another thread announces. */
async function reaches(count: AtomicInt32, value: number): Promise<void> {
  for (let now = count.load(); now < value; now = count.load()) await count.wait(now);
}

test('all of them arrive as themselves, at any depth, and come back as themselves', async () => {
  const ada = new Player({ name: 'Ada', at: { x: 1.25 }, best: [1, 2, 65535] });
  const all = {
    count: new AtomicInt32(5),
    deep: { big: new AtomicBigInt64(1n), list: [new SharedArray('f64', [1, 2]), new SharedArray('u8', 3)] as const },
    players: new Map([['ada', ada]]),
    cell: ada.atomic.moves(1).dx,
  };
  const back = (await pool.submit(addToAll, all as never)) as unknown as typeof all;
  for (const one of [all, back]) {
    assert.equal(one.count.load(), 6);
    assert.equal(one.deep.big.load(), 2n ** 40n + 1n);
    assert.deepEqual([...one.deep.list[0]], [1, 2.5]);
    assert.deepEqual([...one.deep.list[1].view], [3, 0, 0]);
    assert.deepEqual(one.players.get('ada')?.toJSON(), {
      name: 'Ada!',
      at: { x: 2.5, y: 0 },
      hits: 1,
      score: 1n,
      alive: false,
      best: [1, 2, 0],
      moves: [
        { dx: 0, count: 0 },
        { dx: 1, count: 0 },
        { dx: 0, count: 0 },
        { dx: 0, count: -7 },
      ],
    });
  }
  assert.ok(back.count instanceof AtomicInt32 && back.deep.big instanceof AtomicBigInt64);
  assert.ok(back.players.get('ada') instanceof Player);
  back.count.store(77);
  assert.equal(all.count.load(), 77, 'it is the same memory, not a copy');
});

test('two threads lose nothing: an AtomicInt32, and the records of an array', async () => {
  const count = new AtomicInt32();
  const players = Player.array(3);
  await Promise.all([1, 2].flatMap(() => [pool.submit(addMany, count, 100_000), pool.submit(addToRecords, players, 10_000)]));
  assert.equal(count.load(), 200_000);
  assert.deepEqual(
    Array.from(players, (player) => player.hits),
    [20_000, 20_000, 20_000],
  );
});

test('waiting for a value: both ways, until it is notified', async () => {
  const [ready, count, big] = [new AtomicInt32(), new AtomicInt32(7), new AtomicBigInt64(7n)];
  const blocked = pool.submit(waitForValue, ready, count, 7);
  const awaited = pool.submit(waitLaterForValue, ready, big, 7n);
  await reaches(ready, 2);
  // One has said that it is about to wait, and may not yet.
  while (count.notify() === 0) await new Promise(setImmediate);
  assert.equal(await blocked, 'ok');
  assert.equal(big.notify(1), 1);
  assert.equal(await awaited, 'ok');
  assert.equal(await count.wait(8), 'not-equal');
  assert.equal(count.waitSync(8, { blockMain: true }), 'not-equal');
});

test('waiting for a value ends: by its timeout, a signal, a cancellation; what came too late is given on', async () => {
  const count = new AtomicInt32();
  await assert.rejects(
    async () => await count.wait(0, { timeout: 1 }),
    (error: Error) => error instanceof TimeoutError && /wait\(\) of an AtomicInt32/.test(error.message),
  );
  assert.throws(() => count.waitSync(0, { timeout: 1, blockMain: true }), TimeoutError);
  assert.throws(() => count.waitSync(0), WouldBlockError);
  const aborted = new AbortController();
  const waits = [count.wait(0, { signal: aborted.signal }), count.wait(0), count.wait(0)];
  aborted.abort();
  waits[1].cancel('enough');
  for (const wait of waits.slice(0, 2)) await assert.rejects(async () => await wait, CancelledError);
  // The engine still has four waits in line before the third one, none of which anybody wants.
  count.notify(1);
  assert.equal(await waits[2], 'ok');
  await assert.rejects(async () => await count.wait(0, { signal: AbortSignal.abort() }), CancelledError);
  assert.throws(() => count.wait(0, { timout: 1 } as never), /did you mean "timeout"/);
});

test('values wrap as in typed arrays', () => {
  const count = new AtomicInt32(2 ** 31);
  assert.equal(count.load(), -(2 ** 31));
  assert.equal(count.sub(1), -(2 ** 31));
  assert.equal(count.load(), 2 ** 31 - 1);
  count.store(1.9);
  assert.equal(count.load(), 1);
  const big = new AtomicBigInt64(2n ** 63n);
  assert.equal(big.load(), -(2n ** 63n));
  assert.deepEqual([big.exchange(6n), big.and(3n), big.or(9n), big.xor(1n), big.load()], [-(2n ** 63n), 6n, 2n, 11n, 10n]);
  assert.deepEqual([big.compareExchange(9n, 0n), big.compareExchange(10n, 3n), big.load()], [10n, 10n, 3n]);
  const bytes = new SharedArray('u8', [300, -1, 1.9]);
  assert.deepEqual([...bytes], [44, 255, 1]);
  assert.deepEqual([...new SharedArray('u8c', [300, -1, 1.6])], [255, 0, 2]);
  bytes.atomic(0).store(257);
  assert.equal(bytes.get(0), 1);
});

const kinds = ['i8', 'u8', 'u8c', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64'] as const;

test('a SharedArray of every kind', () => {
  const half = 'Float16Array' in globalThis ? (['f16'] as const) : [];
  for (const kind of [...kinds, ...half]) {
    const one = kind.endsWith('64') && kind !== 'f64' ? 3n : 3;
    const values = new SharedArray(kind as 'f64', [one, one] as number[]);
    assert.deepEqual([...values], [one, one], kind);
    assert.equal(values.length, 2);
    values.set(1, one as number);
    assert.equal(values.get(1), one);
    assert.ok(values.view.buffer instanceof SharedArrayBuffer);
    const hasAtomics = kind.startsWith('i') || (kind.startsWith('u') && kind !== 'u8c');
    if (hasAtomics) {
      const cell = (values as unknown as { atomic(i: number): AtomicCell<number> }).atomic(1);
      assert.equal(cell.add(one as number), one);
      assert.equal(typeof (cell as unknown as AtomicInt32).wait, kind === 'i32' || kind === 'i64' ? 'function' : 'undefined');
    } else assert.throws(() => values.atomic(1), /no atomic steps/);
  }
  if (half.length === 0) assert.throws(() => new SharedArray('f16', 1), /needs a runtime that has Float16Array/);
});

test('bad input: kinds, lengths, indices, values', () => {
  const refused = (fn: () => unknown, message: RegExp) =>
    assert.throws(fn, (error: Error) => error instanceof OptionError && message.test(error.message));
  refused(() => new SharedArray('f65' as never, 1), /no kind "f65".*f64/);
  refused(() => new SharedArray(Float64Array as never, 1), /"f64" for Float64Array/);
  refused(() => new SharedArray(undefined as never, 1), /no kind undefined/);
  for (const length of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) refused(() => new SharedArray('u8', length), /whole number from 0/);
  for (const values of [undefined, null, {}, '12']) refused(() => new SharedArray('u8', values as never), /a length or an iterable/);
  const three = new SharedArray('i32', 3);
  for (const index of [-1, 3, 0.5, Number.NaN, '1x', undefined]) {
    for (const ask of [() => three.get(index as number), () => three.set(index as number, 1), () => three.atomic(index as number)])
      refused(ask, /it has 3 numbers/);
  }
  refused(() => new AtomicInt32('5' as never), /expects a number, got 5/);
  refused(() => new AtomicBigInt64(5 as never), /expects a bigint, got 5/);
  assert.throws(() => new AtomicBigInt64().add(1 as never), TypeError);
  assert.throws(() => new SharedArray('i64', [1] as never), TypeError);
});

test('to a process none of them can go, and each says what to use there', async () => {
  await using processes = new ProcessPoolExecutor({ workers: 1 });
  const Pair = struct({ a: 'i32' });
  const things = [new AtomicInt32(), new AtomicBigInt64(), new SharedArray('f64', 1), new Pair(), Pair.array(2), new Pair().atomic];
  for (const thing of things.slice(0, 5)) {
    await assert.rejects(
      async () => await processes.submit((value: unknown) => value, { deep: [thing] }),
      (error: Error) => error instanceof NotCloneableError && /between processes (use|send)/.test(error.message),
    );
  }
  assert.equal(await processes.submit(() => 5), 5);
});
