import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ProcessPoolExecutor, SharedMemory } from 'meantime/processes';
import { ThreadPoolExecutor } from 'meantime/threads';
import { until } from '../fixtures/calls/pools.js';
import { addMany, descriptors, increment, lastByte, makeBlock, openAndWrite } from '../fixtures/memory/calls.js';

const fixture = (name: string) => fileURLToPath(new URL(`../../../test/fixtures/memory/${name}.mjs`, import.meta.url));
let names = 0;
/** A name that nobody else has. */
const fresh = () => `test-${process.pid}-${names++}`;
const at = (name: string) => {
  const { folder } = SharedMemory.support();
  return join(folder, folder === '/dev/shm' ? name : `meantime-${name}`);
};
const largest = 2 ** 32;
const textOf = (block: SharedMemory) => Buffer.from(block.read()).toString();
const pools = [
  { kind: 'process', make: () => new ProcessPoolExecutor({ workers: 2 }) },
  { kind: 'thread', make: () => new ThreadPoolExecutor({ workers: 2 }) },
];

/** What SharedMemory promises, with native code and without. */
export function checkSharedMemory(mode: 'native' | 'files'): void {
  const native = mode === 'native';
  const say = (what: string) => `${mode}: ${what}`;

  test(say('support tells whether memory is shared, and why it is not'), () => {
    const support = SharedMemory.support();
    assert.equal(support.shared, native, String(support.reason));
    if (!native) assert.match(String(support.reason), /MEANTIME_NATIVE/);
    using block = SharedMemory.create({ size: 8 });
    assert.equal(block.shared, native);
    if (!native)
      assert.throws(() => SharedMemory.create({ size: 8, shared: true }), { code: 'MEANTIME_OPTION', message: /MEANTIME_NATIVE/ });
    else SharedMemory.create({ size: 8, shared: true }).close();
  });

  for (const size of [1, 7, 4096, 4097, 1_000_003])
    test(say(`a block of ${size} bytes: zeros, then what was written, to its last byte`), () => {
      using block = SharedMemory.create({ size });
      assert.deepEqual([block.size, block.name, block.closed, block.buffer.byteLength], [size, undefined, false, size]);
      assert.ok(block.read().every((byte) => byte === 0));
      block.write(Buffer.from([9]), size - 1);
      assert.equal(new Uint8Array(block.buffer)[size - 1], 9);
      new Uint8Array(block.buffer)[0] = 5;
      block.flush();
      assert.deepEqual([block.read(0, 1)[0], block.read(size - 1)[0]], [5, size === 1 ? 5 : 9]);
      assert.equal(block.read(size).length, 0);
      assert.equal(block.buffer, block.buffer);
    });

  test(say('sizes, options and places that cannot be are refused by name'), () => {
    for (const size of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '8', undefined])
      assert.throws(() => SharedMemory.create({ size: size as number }), { code: 'MEANTIME_OPTION' }, String(size));
    for (const size of [largest + 1, 2 ** 53 - 1]) assert.throws(() => SharedMemory.create({ size }), { code: 'MEANTIME_TOO_LARGE' });
    assert.throws(() => SharedMemory.create({ size: 8, nmae: 'x' } as never), { code: 'MEANTIME_OPTION', message: /did you mean "name"/ });
    using block = SharedMemory.create({ size: 8 });
    for (const wrong of [
      () => block.read(9),
      () => block.read(-1),
      () => block.read(0, 9),
      () => block.read(0.5),
      () => block.write(new Uint8Array(9)),
      () => block.write(new Uint8Array(1), 8),
      () => block.flush(7, 2),
      () => block.refresh(0, -1),
    ])
      assert.throws(wrong, { code: 'MEANTIME_OPTION' });
  });

  test(say('names that lead elsewhere are refused'), () => {
    for (const name of ['', '.', '..', '.hidden', 'a/b', '../a', '/a', 'a\\b', 'a\0b', 'ä', 'x'.repeat(201)]) {
      assert.throws(() => SharedMemory.create({ size: 8, name }), { code: 'MEANTIME_OPTION' }, name);
      assert.throws(() => SharedMemory.open(name), { code: 'MEANTIME_OPTION' }, name);
    }
  });

  test(say('a name: opened by it, taken once, gone with its maker’s end of it; who has it open keeps it'), async () => {
    const name = fresh();
    assert.throws(() => SharedMemory.open(name), { code: 'MEANTIME_OPTION', message: /there is no block/ });
    assert.equal(SharedMemory.tryOpen(name), undefined);
    const block = SharedMemory.create({ size: 5, name });
    assert.throws(() => SharedMemory.create({ size: 5, name }), { code: 'MEANTIME_OPTION', message: /there already/ });
    const other = SharedMemory.open(name);
    assert.deepEqual([other.size, other.name], [5, name]);
    await using pool = new ProcessPoolExecutor({ workers: 1 });
    assert.equal(await pool.submit(openAndWrite, name, 'hello'), 5);
    assert.ok(existsSync(at(name)), 'that another has closed it changes nothing');
    assert.deepEqual([textOf(block), textOf(other)], ['hello', 'hello']);
    block[Symbol.dispose]();
    assert.equal(existsSync(at(name)), false);
    assert.equal(textOf(other), 'hello');
    using next = SharedMemory.create({ size: 3, name });
    other.unlink();
    assert.ok(existsSync(at(name)), 'the name is another block’s by now');
    other.close();
    next.close();
    assert.ok(existsSync(at(name)), 'close alone leaves the name');
    using last = SharedMemory.open(name);
    last.unlink();
    assert.equal(existsSync(at(name)), false);
  });

  test(say('what is in the way of a name, or no block, is an error'), (t) => {
    const name = fresh();
    const path = at(name);
    writeFileSync(path, '');
    assert.equal(SharedMemory.tryOpen(name), undefined, 'its maker has not given it a size');
    rmSync(path);
    mkdirSync(path);
    assert.throws(() => SharedMemory.open(name), { code: 'MEANTIME_OPTION' });
    assert.throws(() => SharedMemory.create({ size: 8, name }), { code: 'MEANTIME_OPTION' });
    rmdirSync(path);
    symlinkSync('/etc/hostname', path);
    assert.throws(() => SharedMemory.open(name), { code: 'MEANTIME_OPTION' });
    rmSync(path);
    writeFileSync(path, 'x');
    truncateSync(path, largest + 1);
    assert.throws(() => SharedMemory.open(name), { code: 'MEANTIME_TOO_LARGE' });
    rmSync(path);
    if (process.getuid?.() !== 0) return t.diagnostic('not root: a file of another user was not tried');
    writeFileSync(path, 'x');
    chownSync(path, 12345, 12345);
    assert.throws(() => SharedMemory.open(name), { code: 'MEANTIME_OPTION', message: /another user/ });
    rmSync(path);
  });

  test(say('after close it is of no use, close again does no harm, and what was seen stays'), () => {
    const block = SharedMemory.create({ size: 100_000 });
    const view = new Uint8Array(block.buffer, 10, 5);
    view.fill(3);
    block.close();
    block.close();
    block[Symbol.dispose]();
    assert.equal(block.closed, true);
    collect();
    assert.deepEqual([...view], [3, 3, 3, 3, 3]);
    view.fill(4);
    for (const use of [
      () => block.buffer,
      () => block.read(),
      () => block.write(new Uint8Array(1)),
      () => block.flush(),
      () => block.refresh(),
      () => block.unlink(),
    ])
      assert.throws(use, { code: 'MEANTIME_CONNECTION_CLOSED' });
  });

  for (const { kind, make } of pools) {
    test(say(`it travels to a ${kind} inside of a value, and works there with or without shared memory`), async () => {
      using block = SharedMemory.create({ size: 3 });
      await using pool = make();
      new Uint8Array(block.buffer)[2] = 10;
      block.flush();
      assert.equal(await pool.submit(increment, { block, at: 2 }), 11);
      assert.equal(await pool.submit(increment, { block, at: 2 }), 12);
      block.refresh();
      assert.deepEqual([...new Uint8Array(block.buffer)], [0, 0, 12]);
    });

    test(say(`made in a ${kind} it comes back in a result`), async () => {
      await using pool = make();
      const { made } = await pool.submit(makeBlock, 'made over there');
      assert.deepEqual(made.map(textOf), ['made over there', 'made over there']);
      await pool.shutdown();
      assert.equal(textOf(made[0]), 'made over there', 'it outlives who made it');
      for (const block of made) block.close();
    });
  }

  test(say('a closed block cannot be sent, and fails that call alone'), async () => {
    await using pool = new ProcessPoolExecutor({ workers: 1 });
    const block = SharedMemory.create({ size: 3 });
    block.close();
    await assert.rejects(pool.submit(increment, { block, at: 0 }), { code: 'MEANTIME_NOT_CLONEABLE', message: /was closed/ });
    using next = SharedMemory.create({ size: 3 });
    assert.equal(await pool.submit(increment, { block: next, at: 0 }), 1);
  });

  test(say('1,000 blocks made, seen and closed, or forgotten, leave no descriptor'), { timeout: 60_000 }, async () => {
    SharedMemory.create({ size: 1 }).close();
    const before = descriptors().count;
    for (let i = 0; i < 500; i++) {
      using block = SharedMemory.create({ size: 5000 });
      new Uint8Array(block.buffer).fill(1);
    }
    assert.ok(descriptors().count <= before + 1);
    (() => {
      for (let i = 0; i < 500; i++) new Uint8Array(SharedMemory.create({ size: 5000 }).buffer).fill(1);
    })();
    await until('the forgotten ones are closed', () => {
      collect();
      return descriptors().count <= before + 1;
    });
  });

  for (const how of ['ends', 'throws', 'hangs'])
    test(
      say(`an owner that ${how === 'hangs' ? 'is killed with -9 in a busy loop' : how} leaves no name and no process behind`),
      async () => {
        const mine = [fresh(), fresh(), fresh()];
        const owner = spawn(process.execPath, [fixture('owner'), how, ...mine], { stdio: ['ignore', 'pipe', 'ignore'] });
        const ended = once(owner, 'exit');
        if (how === 'hangs') {
          await once(owner.stdout, 'data');
          assert.ok(mine.every((name) => existsSync(at(name))));
          owner.kill('SIGKILL');
        }
        const [code] = await ended;
        assert.equal(code, { ends: 0, throws: 1, hangs: null }[how]);
        if (how !== 'hangs') assert.ok(!mine.some((name) => existsSync(at(name))), 'the owner itself has seen to it');
        await until('the names are gone', () => !mine.some((name) => existsSync(at(name))));
      },
    );

  if (!native) return;

  test(say('four processes add to one word, 1,000,000 times each, and none is lost; threads too'), { timeout: 120_000 }, async () => {
    using block = SharedMemory.create({ size: 64, shared: true });
    await using processes = new ProcessPoolExecutor({ workers: 4 });
    await using threads = new ThreadPoolExecutor({ workers: 2 });
    const adding = [processes, processes, processes, processes, threads, threads].map((pool) => pool.submit(addMany, block, 1_000_000));
    assert.ok((await Promise.all(adding)).every((closed) => closed));
    assert.equal(Atomics.load(new Int32Array(block.buffer), 1), 6_000_000);
  });

  test(say('the largest block: its last byte is seen in another process'), { timeout: 60_000 }, async () => {
    using block = SharedMemory.create({ size: largest });
    new Uint8Array(block.buffer)[largest - 1] = 77;
    await using pool = new ProcessPoolExecutor({ workers: 1 });
    assert.equal(await pool.submit(lastByte, block), 77);
  });

  test(say('nobody can make it smaller; a file with a name that somebody cut is an error, not a crash'), () => {
    if (process.platform === 'linux') {
      using block = SharedMemory.create({ size: 10_000 });
      const files = readdirSync('/proc/self/fd').map((fd) => `/proc/self/fd/${fd}`);
      const mine = files.filter((path) => existsSync(path) && readlinkSync(path).startsWith('/memfd:meantime'));
      assert.equal(mine.length, 1);
      assert.throws(() => truncateSync(mine[0], 10), { code: 'EPERM' });
      assert.equal(new Uint8Array(block.buffer)[9_999], 0);
    }
    const name = fresh();
    using block = SharedMemory.create({ size: 10_000, name });
    truncateSync(at(name), 100);
    assert.throws(() => block.buffer, { code: 'MEANTIME_CONNECTION_CLOSED', message: /cut/ });
  });

  test(say('memory that was seen is let go when its buffer has been collected, and only then'), { timeout: 60_000 }, async () => {
    const kb = () => Number(/^RssShmem:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
    const before = kb();
    let view: Uint8Array | undefined = (() => {
      using block = SharedMemory.create({ size: 50_000_000 });
      return new Uint8Array(block.buffer).fill(1);
    })();
    collect();
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(kb() - before > 45_000);
    assert.equal(view[49_999_999], 1);
    view = undefined;
    await until('the pages are given back', () => {
      collect();
      return kb() - before < 5_000;
    });
  });
}

let gc: (() => void) | undefined;
function collect(): void {
  if (gc === undefined) {
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as () => void;
  }
  gc();
}
