// An error arrives as what it was, by every way that values go: as a value and as a failure.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { Manager, ProcessPoolExecutor, ProcessQueue, pipe } from 'meantime/processes';
import { SharedQueue, ThreadPoolExecutor } from 'meantime/threads';
import * as far from './far.js';

type Odd = Error & Record<string, unknown>;

const pools = { threads: new ThreadPoolExecutor({ workers: 1 }), processes: new ProcessPoolExecutor({ workers: 1 }) };
const [here, there] = pipe<unknown>();
const [to, from] = [new ProcessQueue<unknown>(4), new ProcessQueue<unknown>(4)];
const [sharedTo, sharedFrom] = [new SharedQueue<unknown>(4), new SharedQueue<unknown>(4)];
const crews = { pipe: new ProcessPoolExecutor({ workers: 2 }), shared: new ThreadPoolExecutor({ workers: 1 }) };
const echoes = [
  crews.pipe.submit(far.echoPipe, there),
  crews.pipe.submit(far.echoQueues, to, from),
  crews.shared.submit(far.echoShared, sharedTo, sharedFrom),
];
const manager = await Manager.start();
const hosted = await manager.create(far.Thrower);
const local = new Manager();
const hostedHere = await local.create(far.Thrower);

after(async () => {
  await here.close();
  to.close();
  sharedTo.close();
  await Promise.all(echoes);
  await Promise.all([...Object.values(pools), ...Object.values(crews)].map((pool) => pool.shutdown()));
  await manager.shutdown();
  await local.shutdown();
});

const failure = async (promise: PromiseLike<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'it did not fail' });
};
const firstOf = async (values: AsyncIterable<unknown>): Promise<unknown> => {
  for await (const value of values) return value;
  return undefined;
};
const lastOf = async (values: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of values);
};

/** Every way: what goes in comes out, as it is or thrown. */
const ways: Record<string, (error: Error) => Promise<unknown>> = {};
for (const [name, pool] of Object.entries(pools)) {
  ways[`${name}: argument and result`] = async (error) => await pool.submit(far.back, error);
  ways[`${name}: inside of an argument`] = async (error) => ((await pool.submit(far.back, [{ error }])) as [{ error: unknown }])[0].error;
  ways[`${name}: thrown`] = (error) => failure(pool.submit(far.raise, error));
  ways[`${name}: input and result of a map`] = (error) => firstOf(pool.map(far.back, [error]));
  ways[`${name}: thrown by a map`] = (error) => failure(pool.map(far.raise, [error]));
  ways[`${name}: thrown by a generator`] = (error) => failure(lastOf(pool.stream(far.raiseLater, error)));
}
Object.assign(ways, {
  pipe: async (error: Error) => {
    await here.send(error);
    return here.receive();
  },
  ProcessQueue: async (error: Error) => {
    await to.put(error);
    return from.get();
  },
  SharedQueue: async (error: Error) => {
    await sharedTo.put(error);
    return sharedFrom.get();
  },
  'manager: argument and result': async (error: Error) => hosted.back(error),
  'manager: thrown': async (error: Error) => failure(hosted.raise(error)),
  'manager in this thread: argument and result': async (error: Error) => hostedHere.back(error),
});

function ownOf(error: Error): unknown[] {
  const keys = Reflect.ownKeys(error).filter((key) => key !== 'stack');
  const read = (key: PropertyKey) => (error as unknown as Record<PropertyKey, unknown>)[key];
  return keys.map((key) => [key, Object.getOwnPropertyDescriptor(error, key)?.enumerable, read(key)]);
}

/**
 * V8 writes a stack at its first reading: a message that is no text, and cannot be made one, has
 * none.
 */
function stackOf(error: Error): string | undefined {
  try {
    return String(error.stack);
  } catch (cause) {
    assert.match(String(cause), /Cannot convert object to primitive value/);
    return undefined;
  }
}

const key = fc.oneof(
  fc.constantFrom('message', 'name', 'cause', 'code', 'errors', 'constructor', 'toString', 'then', '__proto__', 'x'),
  fc.string(),
);
const property = fc.record({ key, value: fc.oneof(fc.jsonValue(), fc.constant(undefined)), enumerable: fc.boolean() });
const make = fc.constantFrom<() => Error>(
  () => new Error('m', { cause: new RangeError('c') }),
  () => new AggregateError([new URIError('one'), 2], 'm'),
  () => new DOMException('m', 'NotFoundError'),
);

for (const [name, send] of Object.entries(ways)) {
  test(`${name}: own properties arrive, whatever they are called, and as enumerable as they were`, async () => {
    await fc.assert(
      fc.asyncProperty(make, fc.array(property, { maxLength: 6 }), fc.boolean(), async (makeError, properties, frozen) => {
        const error = makeError();
        for (const { key, value, enumerable } of properties) {
          if (key !== 'stack') Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
        }
        if (frozen) Object.freeze(error);
        const arrived = (await send(error)) as Error;
        assert.equal(Object.getPrototypeOf(arrived), Object.getPrototypeOf(error));
        assert.deepEqual(ownOf(arrived), ownOf(error));
        // Who awaits a failure adds where it was waited for.
        const stack = stackOf(error);
        if (stack !== undefined) assert.ok(arrived.stack?.startsWith(stack), arrived.stack);
      }),
      { numRuns: 25 },
    );
  });

  test(`${name}: what cannot travel is told in its own place`, async () => {
    const error = Object.assign(new Error('kept'), { code: 'KEPT', fn() {}, deep: [{ fn() {} }], shared: new SharedArrayBuffer(4), n: 1 });
    Object.defineProperty(error, 'broken', { get: () => assert.fail('read'), enumerable: true });
    const arrived = (await send(error)) as Odd;
    assert.deepEqual([arrived.message, arrived.code, arrived.n], ['kept', 'KEPT', 1]);
    assert.match(String(arrived.fn), /^\[function fn: could not travel\]$/);
    assert.match(String(arrived.deep), /could not travel/);
    assert.match(String(arrived.broken), /cannot be read \(read\)/);
    if (!(arrived.shared instanceof SharedArrayBuffer)) assert.match(String(arrived.shared), /could not travel/);
  });
}

for (const [name, pool] of Object.entries(pools)) {
  test(`${name}: an error of a class of the far side's own arrives with all that it has`, async () => {
    const error = (await failure(pool.submit(far.raiseOdd))) as Odd;
    assert.ok(error instanceof TypeError);
    assert.deepEqual([error.name, error.message, error.code], ['PaymentError', 'declined', 'DECLINED']);
    assert.deepEqual(error.errors, { card: 'expired' });
    assert.ok(error.cause instanceof RangeError);
    assert.equal(error.self, error);
    assert.ok('gone' in error && error.gone === undefined);
    assert.deepEqual([error.hidden, Object.keys(error).includes('hidden')], [1, false]);
    assert.match(String(error.broken), /cannot be read \(broken getter\)/);
    assert.match(String(error.retry), /could not travel/);
    const [aggregate, frozen, exception] = await Promise.all(far.raiseOddly.map((_, i) => failure(pool.submit(far.raiseOne, i))));
    assert.deepEqual((aggregate as Odd).errors, { a: 'not a list' });
    assert.ok(aggregate instanceof AggregateError);
    assert.equal((frozen as Odd).errors, 'text');
    assert.ok(exception instanceof DOMException && exception.code === 8);
    assert.deepEqual((exception as unknown as Odd).detail, { n: 1 });
  });

  test(`${name}: whatever is thrown or given as a reason, the call fails, and the worker goes on`, async () => {
    for (const value of [undefined, null, 0, 1n, 'text', { a: 1 }, [1]]) {
      assert.deepEqual(await failure(pool.submit(far.raise, value)), value);
      assert.deepEqual(await failure(pool.map(far.raise, [value])), value);
    }
    for (const kind of ['function', 'symbol', 'url', 'promise']) {
      for (const failed of [pool.submit(far.raiseStrange, kind), pool.map(far.raiseStrange, [kind])]) {
        assert.equal(((await failure(failed)) as Odd).code, 'MEANTIME_NOT_CLONEABLE');
      }
    }
    assert.equal(pool.stats().lost, 0);
  });
}

for (const [name, pool] of Object.entries(pools)) {
  test(`${name}: the reason of an abort arrives, or what it was`, async () => {
    for (const [reason, expected] of [
      [{ a: 1 }, { a: 1 }],
      [() => 1, /could not travel/],
    ] as const) {
      const controller = new AbortController();
      await using tellers = await Manager.start();
      const started = await tellers.create(far.Thrower);
      const call = pool.with({ signal: controller.signal }).submit(far.reason, started);
      await started.started();
      controller.abort(reason);
      await assert.rejects(async () => await call, { name: 'AbortError' });
      const seen = await started.seen();
      if (expected instanceof RegExp) assert.match(String(seen), expected);
      else assert.deepEqual(seen, expected);
    }
  });
}
