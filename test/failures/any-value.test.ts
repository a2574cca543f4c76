import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Executor } from 'meantime';
import { Manager, Process, ProcessQueue, pipe } from 'meantime/processes';
import { SharedQueue, Thread } from 'meantime/threads';
import { folder, meantime, Running, resultsIn } from '../cli-harness.js';
import { echo } from '../fixtures/calls/calls.js';
import { kinds, until } from '../fixtures/calls/pools.js';
import { Keeping, yieldAll } from '../fixtures/hostile/keeping.js';

/** Any value arrives as structured clone has it, on every way: whatever it looks like. */
const seed = Number(process.env.MEANTIME_SEED ?? Math.floor(Math.random() * 2 ** 31));
const limit = { timeout: 240_000 };
const RUNS = 60;

const key = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.constantFrom('@meantime', '__proto__', 'constructor', 'kind', 'flat', 'value', 'class', 'length', '0', 'toJSON', 'name'),
);
const mark = fc.constantFrom<unknown>('handle', 'error', 'plain', 'gone', 'threads/SharedLock', 'processes/PipeEnd', 64, [], {});
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(key, tie('json'), { maxKeys: 4 }),
    fc.record(
      { '@meantime': mark, kind: mark, parts: tie('json'), flat: tie('json'), value: tie('json') },
      { requiredKeys: ['@meantime'] },
    ),
    fc.dictionary(fc.constantFrom('then', '@meantime'), fc.oneof(mark, tie('json')), { maxKeys: 2 }),
  ),
}));
const leaf = fc.oneof(
  mark,
  json,
  fc.constantFrom<unknown>(undefined, null, -0, Number.NaN, /x/giu, new Date(Number.NaN), Object(1n), Object('boxed'), 2n ** 70n),
  fc.bigInt(),
  fc.date(),
  fc.float64Array({ maxLength: 5 }),
  fc.uint8Array({ maxLength: 5 }),
  fc
    .constantFrom(
      () => new RangeError('r', { cause: { '@meantime': 'error' } }),
      () => new AggregateError([new TypeError('one'), { '@meantime': 'gone' }]),
    )
    .map((make) => make()),
);
const { inner } = fc.letrec<{ inner: unknown }>((tie) => ({
  inner: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('inner'), { maxLength: 4 }),
    fc.sparseArray(tie('inner'), { maxLength: 6 }),
    fc.dictionary(key, tie('inner'), { maxKeys: 4, noNullPrototype: false }),
    fc.array(fc.tuple(tie('inner'), tie('inner')), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie('inner'), { maxLength: 3 }).map((items) => new Set(items)),
  ),
}));
/** With a part that is there twice, and one that leads back. */
const value = fc.tuple(inner, fc.boolean(), fc.boolean()).map(([part, twice, back]) => {
  const whole: Record<string, unknown> = { part };
  if (twice) whole.again = part;
  if (back) whole.whole = whole;
  return whole;
});

/**
 * Errors as the wire has them, all else as structured clone has it: errors are compared by what
 * they say.
 */
function same(got: unknown, sent: unknown): void {
  assert.deepStrictEqual(comparable(got, new Map()), comparable(sent, new Map()));
  const [g, s] = [got, sent] as Record<string, unknown>[];
  if (typeof s === 'object' && s !== null && 'again' in s && typeof s.part === 'object' && s.part !== null) assert.equal(g.again, g.part);
}

function comparable(part: unknown, known: Map<object, unknown>): unknown {
  if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) return part;
  const before = known.get(part);
  if (before !== undefined) return before;
  const keep = <T extends object>(out: T): T => {
    known.set(part, out);
    return out;
  };
  if (part instanceof Date) return keep({ is: 'a date', time: part.getTime() });
  const look = (inside: unknown) => comparable(inside, known);
  if (part instanceof Error) {
    const out: Record<string, unknown> = keep({ is: 'an error' });
    const { name, message, cause, errors } = part as AggregateError;
    return Object.assign(out, { name, message, cause: look(cause), errors: look(errors) });
  }
  if (part instanceof Map) {
    const out = keep(new Map());
    for (const [k, v] of part) out.set(look(k), look(v));
    return out;
  }
  if (part instanceof Set) {
    const out = keep(new Set());
    for (const item of part) out.add(look(item));
    return out;
  }
  if (Array.isArray(part)) {
    const out: unknown[] = keep([]);
    out.length = part.length;
    for (const index of Object.keys(part)) out[Number(index)] = look(part[Number(index)]);
    return out;
  }
  const proto = Object.getPrototypeOf(part);
  if (proto !== Object.prototype && proto !== null) return part;
  const out = keep({});
  for (const k of Object.keys(part)) Object.defineProperty(out, k, { value: look((part as never)[k]), enumerable: true });
  return out;
}

const holds = (ways: (sent: unknown) => Promise<unknown>, runs = RUNS, of: fc.Arbitrary<unknown> = value) =>
  fc.assert(
    fc.asyncProperty(of, async (sent) => same(await ways(sent), sent)),
    { seed, numRuns: runs },
  );

for (const { name, make } of kinds) {
  test(`${name}: calls, streams, maps and broadcasts (MEANTIME_SEED=${seed})`, limit, async () => {
    await using pool = make({ workers: 1 });
    const executor: Executor = pool;
    await holds((sent) => pool.submit(echo<unknown>, sent));
    await holds(async (sent) => {
      const [[got]] = [await pool.broadcast(echo<unknown>, sent)];
      return got;
    }, 10);
    const many = fc.array(value, { minLength: 1, maxLength: 20 });
    await holds(async (sent) => await executor.map(echo<unknown>, sent as unknown[], { chunk: 8 }), 20, many);
    await holds(
      async (sent) => {
        const got: unknown[] = [];
        for await (const each of pool.stream(yieldAll, sent as unknown[])) got.push(each);
        return got;
      },
      20,
      many,
    );
    assert.equal(pool.stats().lost, 0);
  });
}

test(`workers for one call (MEANTIME_SEED=${seed})`, limit, async () => {
  await holds((sent) => Thread.start(echo<unknown>, sent), 5);
  await holds((sent) => Process.start(echo<unknown>, sent), 3);
});

test(`initial arguments, pipes, queues and managed objects (MEANTIME_SEED=${seed})`, limit, async () => {
  const [a, b] = pipe();
  await holds(async (sent) => {
    a.send(sent);
    return await b.receive();
  });
  const shared = new SharedQueue(4);
  await holds(async (sent) => {
    await shared.put(sent);
    return await shared.get();
  });
  await using queue = new ProcessQueue(4);
  await holds(async (sent) => {
    await queue.put(sent);
    return await queue.get();
  });
  await using manager = await Manager.start();
  await holds(async (sent) => {
    using store = await manager.create(Keeping, sent);
    await Manager.write(store, 'value', await store.give());
    const items: unknown[] = [];
    for await (const item of store.all()) items.push(item);
    same(items[0], sent);
    return await Manager.read(store, 'value');
  }, 20);
  await a.close();
  await b.close();
});

test(`meantime map: JSON lines in and out, also when it goes on after a kill (MEANTIME_SEED=${seed})`, limit, async (t) => {
  const lines = [{ '@meantime': 'handle' }, [{ '@meantime': 'plain', value: 1 }], ...fc.sample(json, { seed, numRuns: 30 })];
  const dir = folder(t);
  writeFileSync(join(dir, 'echo.mjs'), 'export const echo = (value) => new Promise((resolve) => setTimeout(resolve, 20, value));\n');
  writeFileSync(join(dir, 'in.jsonl'), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  for (const on of ['threads', 'processes']) {
    const out = `${on}.jsonl`;
    const has = () => resultsIn(join(dir, out)).length;
    const args = ['map', './echo.mjs#echo', '--jsonl', 'in.jsonl', '--on', on, '-w', '1', '-c', '1', '--out', out, '-q'];
    const first = new Running(args, { cwd: dir });
    await until('there is a result', () => existsSync(join(dir, out)) && statSync(join(dir, out)).size > 0, 60_000);
    first.child.kill('SIGKILL');
    await first.ended;
    t.diagnostic(`${on}: ${has()} of ${lines.length} were there`);
    const { code, stderr } = await meantime([...args, '--resume'], { cwd: dir });
    assert.equal(code, 0, stderr);
    const results = resultsIn(join(dir, out)).sort((x, y) => x.index - y.index);
    assert.deepEqual(
      results.map((result) => result.value),
      lines.map((line) => JSON.parse(JSON.stringify(line))),
    );
  }
});
