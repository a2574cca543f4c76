import assert from 'node:assert/strict';
import { test } from 'node:test';
import { any, failuresOf, gather, NotCallableError, race, retry } from 'meantime/tasks';

const combinations = { gather, race, any } as unknown as Record<string, (fns: unknown, options?: unknown) => PromiseLike<unknown>>;
const notCallable = (message: RegExp) => (error: Error & { code: string }) => {
  assert.ok(error instanceof NotCallableError);
  assert.equal(error.code, 'MEANTIME_NOT_CALLABLE');
  assert.match(error.message, message);
  return true;
};

for (const [name, combine] of Object.entries(combinations)) {
  test(`${name}: a promise instead of a function is refused with what to write, and none is started`, async () => {
    let started = 0;
    const fn = async () => {
      started++;
    };
    const load = async (n: number) => {
      throw new Error(`load ${n}`);
    };
    // The rejections of the calls that were made are nobody's: as unhandled ones they would fail this test.
    const wrong = [fn, load(1), load(2)];
    assert.throws(
      () => combine(wrong),
      notCallable(new RegExp(`^${name} expects a list of functions, got a promise .*\\(\\) => f\\(x\\)\\) at index 1$`)),
    ); // prettier-ignore
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(started, 0);
  });

  test(`${name}: a generator object is refused, and is over`, () => {
    const load = function* () {
      yield 1;
    };
    const called = load();
    assert.throws(() => combine([called]), notCallable(/got a generator object \(the generator function was called.* at index 0$/));
    assert.deepEqual(called.next(), { done: true, value: undefined });
  });

  test(`${name}: what is no list of functions is refused by what it is`, () => {
    const fn = async () => 1;
    const wrong: [unknown, RegExp][] = [
      [fn, /got a function. Put it into a list$/],
      [undefined, /got undefined undefined$/],
      [null, /got null$/],
      [7, /got number 7$/],
      [{ a: fn }, /got an object$/],
      [Promise.resolve([fn]), /got a promise/],
      [[fn, null], /got null at index 1$/],
      ['ab', /got string a at index 0$/],
    ];
    for (const [fns, message] of wrong) assert.throws(() => combine(fns), notCallable(message));
  });
}

test('gather: options out of range, and unknown ones, are refused before anything starts', () => {
  const fn = () => assert.fail('it was started');
  const wrong: [object, RegExp][] = [
    [{ concurrency: 0 }, /gather: option "concurrency" expects a whole number from 1 up, or Infinity, got 0/],
    [{ concurrency: 1.5 }, /"concurrency"/],
    [{ concurrency: Number.NaN }, /"concurrency"/],
    [{ onFailure: 'ignore' }, /"onFailure" expects one of "cancel", "collect", got "ignore"/],
    [{ limit: 3 }, /gather has no option "limit"/],
    [{ concurency: 3 }, /did you mean "concurrency"/],
  ];
  for (const [options, message] of wrong) assert.throws(() => gather([fn], options), { code: 'MEANTIME_OPTION', message });
});

test('options that come with a prototype are not read', async () => {
  const options = Object.create({ concurrency: 0, onFailure: 'collect' });
  assert.deepEqual(await gather([() => 1, () => 2], options), [1, 2]);
});

test('errors that are no objects pass as they are', async () => {
  const fail = (value: unknown) => async () => {
    throw value;
  };
  for (const value of ['a string', 0, undefined, null]) {
    const error = await gather([fail(value)]).then(
      () => assert.fail('it succeeded'),
      (error: unknown) => error,
    );
    assert.equal(error, value);
    const last = await retry(fail(value), { attempts: 1 }).catch((error: unknown) => error);
    assert.deepEqual(failuresOf(last), [value]);
  }
});

test('a list that changes while it runs changes nothing', async () => {
  const fns = [async () => 1, async () => 2, async () => 3];
  const future = gather(fns, { concurrency: 1 });
  fns.length = 0;
  assert.deepEqual(await future, [1, 2, 3]);
});

test('an iterable that throws starts nothing', () => {
  const broken = function* () {
    yield () => assert.fail('it was started');
    throw new Error('broken list');
  };
  assert.throws(() => gather(broken()), { message: 'broken list' });
});
