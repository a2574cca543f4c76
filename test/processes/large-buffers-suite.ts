import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ProcessPoolExecutor } from 'meantime/processes';
import { isGone, until } from '../fixtures/calls/pools.js';
import { descriptors, digest, echo, endless, fill, fills, keep, keptDigest } from '../fixtures/memory/calls.js';

const fixture = (name: string) => fileURLToPath(new URL(`../../../test/fixtures/memory/${name}.mjs`, import.meta.url));
const pattern = (size: number, by = 31) => new Uint8Array(size).map((_, i) => i * by);
/** Ours that can be seen in the folder: there are none, ever. */
const seen = () => readdirSync('/dev/shm').filter((name) => name.startsWith('meantime-'));

/** What large buffers are to those who send them: what small ones are. */
export function checkLargeBuffers(mode: 'native' | 'files'): void {
  const say = (what: string) => `${mode}: ${what}`;

  test(say('100 MB there and back are the same 100 MB'), { timeout: 120_000 }, async () => {
    await using pool = new ProcessPoolExecutor({ workers: 1 });
    const bytes = pattern(100_000_000);
    for (let round = 0; round < 2; round++) {
      bytes[round] = 99;
      const back = await pool.submit(echo, bytes);
      assert.equal(Buffer.compare(back, bytes), 0);
      assert.notEqual(back.buffer, bytes.buffer);
    }
  });

  for (const size of [65_535, 65_536, 65_537, 1_000_003, 20_000_001])
    test(say(`${size} bytes come back as they went, in every kind of view`), async () => {
      await using pool = new ProcessPoolExecutor({ workers: 1 });
      const bytes = pattern(size);
      assert.deepEqual(await pool.submit(echo, bytes), bytes);
      assert.deepEqual(await pool.submit(echo, bytes.buffer), bytes.buffer);
      assert.deepEqual(await pool.submit(echo, Buffer.from(bytes)), bytes);
      const inside = new Float64Array(bytes.buffer, 8, 1000);
      assert.deepEqual(await pool.submit(echo, [inside, new DataView(bytes.buffer, 3, 5)]), [inside, new DataView(bytes.buffer, 3, 5)]);
    });

  test(say('one buffer that is in a value several times stays one'), async () => {
    await using pool = new ProcessPoolExecutor({ workers: 1 });
    const shared = pattern(200_000).buffer;
    const value = {
      deep: [new Map([['key', new Set([new Uint8Array(shared, 1, 9)])]])],
      again: shared,
      small: pattern(10),
      words: new Uint16Array(shared),
    };
    const back = await pool.submit(echo, value);
    assert.deepEqual(back, value);
    const [view] = back.deep[0].get('key') as Set<Uint8Array>;
    assert.ok(view.buffer === back.again && back.words.buffer === back.again);
    assert.notEqual(back.small.buffer, back.again);
  });

  test(say('each side has its own: what was sent before is not touched by what is sent after, nor by who got it'), async () => {
    await using pool = new ProcessPoolExecutor({ workers: 1 });
    const bytes = pattern(300_000);
    const was = digest(bytes);
    const back = await pool.submit(keep, bytes);
    assert.ok(back.every((byte) => byte === 0));
    assert.equal(digest(bytes), was);
    bytes.fill(1);
    for (let i = 0; i < 20; i++) await pool.submit(echo, pattern(300_000 + i, 7));
    assert.equal(await pool.submit(keptDigest), was, 'it keeps what it got');
    assert.ok(
      back.every((byte) => byte === 0),
      'and so do we',
    );
    const moved = structuredClone(back, { transfer: [back.buffer as ArrayBuffer] });
    assert.deepEqual([back.byteLength, moved.byteLength], [0, 300_000], 'it can be moved on, as any other');
  });

  test(say('many at a time, of all sizes, through several workers, calls, maps and streams'), { timeout: 120_000 }, async () => {
    await using pool = new ProcessPoolExecutor({ workers: 3, concurrency: 2 });
    const seed = process.hrtime()[1];
    const sizes = Array.from({ length: 150 }, (_, i) => 1 + ((seed + i * 7_919_477) % 600_000));
    const inputs = sizes.map((size, i) => fill(size, i));
    const hashes = inputs.map(digest);
    const [calls, mapped] = await Promise.all([Promise.all(inputs.map((bytes) => pool.submit(echo, bytes))), pool.map(echo, inputs)]);
    assert.deepEqual(calls.map(digest), hashes, `seed ${seed}`);
    assert.deepEqual(mapped.map(digest), hashes, `seed ${seed}`);
    let n = 0;
    for await (const bytes of pool.stream(fills, 40, 200_000))
      assert.ok(bytes.length === 200_000 && bytes.every((byte) => byte === n), `item ${n++}`);
    assert.equal(n, 40);
  });

  test(say('what cannot travel beside a large buffer fails its own call; shared memory of threads still cannot'), async () => {
    await using pool = new ProcessPoolExecutor({ workers: 1 });
    const bytes = pattern(100_000);
    await assert.rejects(pool.submit(echo, [bytes, () => 1] as unknown), { code: 'MEANTIME_NOT_CLONEABLE' });
    await assert.rejects(pool.submit(echo, [bytes, new SharedArrayBuffer(100_000)] as unknown), {
      code: 'MEANTIME_NOT_CLONEABLE',
      message: /SharedMemory/,
    });
    assert.deepEqual(await pool.submit(echo, bytes), bytes);
    assert.equal(pool.stats().lost, 0);
    const growing = Reflect.construct(ArrayBuffer, [100_000, { maxByteLength: 200_000 }]) as ArrayBuffer & { maxByteLength: number };
    assert.equal((await pool.submit(echo, growing)).maxByteLength, 200_000);
  });

  test(say('1,000 transfers leave no descriptor here or there, and no memory that was not needed'), { timeout: 120_000 }, async () => {
    await using pool = new ProcessPoolExecutor({ workers: 1 });
    await pool.submit(echo, fill(2_000_000, 1));
    const [here, there] = [descriptors(), await pool.submit(descriptors)];
    for (let i = 0; i < 1000; i++) await pool.submit(echo, fill(100_000, i));
    assert.deepEqual([descriptors(), await pool.submit(descriptors)], [here, there]);
    assert.deepEqual([here.nameless, there.nameless], [2, 2]);
    await pool.shutdown();
    assert.equal(descriptors().nameless, 0);
    assert.deepEqual(seen(), []);
  });

  test(say('a worker that is killed with -9 between and within transfers takes its files along'), { timeout: 120_000 }, async () => {
    await using pool = new ProcessPoolExecutor({ workers: 1 });
    const bytes = pattern(10_000_000);
    for (let round = 0; round < 6; round++) {
      const [pid] = await pool.broadcast(() => process.pid);
      const calls = [pool.submit(echo, bytes), pool.submit(echo, bytes)];
      const stream = pool.stream(endless, 300_000)[Symbol.asyncIterator]();
      const item = stream.next();
      for (const waits of [...calls, item]) waits.catch(() => undefined); // looked at below
      if (round % 2) await calls[0];
      for (let turn = 0; turn < round * 20; turn++) await new Promise((resolve) => setImmediate(resolve)); // wherever that is
      process.kill(pid, 'SIGKILL');
      for (const waits of [...calls, item])
        await waits.then(
          () => undefined,
          (error) => assert.equal(error.code, 'MEANTIME_WORKER_LOST'),
        );
      await stream.return?.().catch((error: { code: string }) => assert.equal(error.code, 'MEANTIME_WORKER_LOST'));
    }
    assert.equal(digest(await pool.submit(echo, bytes)), digest(bytes));
    await pool.shutdown();
    assert.equal(descriptors().nameless, 0);
    assert.deepEqual(seen(), []);
  });

  test(say('a parent that is killed with -9 in the middle of it leaves no process and no file'), { timeout: 60_000 }, async () => {
    const parent = spawn(process.execPath, [fixture('sender')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [chunk] = await once(parent.stdout, 'data');
    const pids: number[] = JSON.parse(String(chunk));
    await until('large buffers are under way', () =>
      pids.every((pid) => Number(/^rchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]) > 60e6),
    );
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await until('its workers are gone', () => pids.every(isGone));
    assert.deepEqual(seen(), []);
  });

  test(say('where /dev/shm is small, what does not fit goes inline, or is refused by name'), { timeout: 60_000 }, (t) => {
    const inSmall = 'mount -t tmpfs -o size=8m tmpfs /dev/shm && exec "$@"';
    if (spawnSync('unshare', ['-m', 'sh', '-c', inSmall, 'sh', 'true']).status !== 0)
      return t.skip('this user cannot mount a small /dev/shm');
    const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', inSmall, 'sh', process.execPath, fixture('little-room')], {
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    const nameless = mode === 'native' ? 'made' : 'MEANTIME_TOO_LARGE';
    assert.deepEqual(JSON.parse(stdout), { same: [true, true, true, true], nameless, named: 'MEANTIME_TOO_LARGE', small: 'made' });
  });
}
