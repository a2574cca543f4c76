import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotCallableError, NotHeldError } from '../errors.js';
import { Condition } from './condition.js';
import type { Guard } from './guard.js';
import { Lock } from './lock.js';
import { RwLock } from './rw-lock.js';
import { Semaphore } from './semaphore.js';
import { quiet } from './trial.js';

const lock = new Lock();
const rwLock = new RwLock();
const kinds: [name: string, take: () => Guard | undefined, use: (fn: () => unknown) => PromiseLike<unknown>][] = [
  ['Lock', () => lock.tryAcquire(), (fn) => lock.with(fn)],
  ...[new Semaphore(3)].map((of): (typeof kinds)[number] => ['Semaphore', () => of.tryAcquire(3), (fn) => of.with(fn)]),
  ...[new Condition()].map((of): (typeof kinds)[number] => ['Condition', () => of.tryAcquire(), (fn) => of.with(fn)]),
  ['RwLock, to read', () => rwLock.tryRead(), (fn) => rwLock.withRead(fn)],
  ['RwLock, to write', () => rwLock.tryWrite(), (fn) => rwLock.withWrite(fn)],
];

for (const [name, take, use] of kinds) {
  test(`${name}: released twice is a NotHeldError that says so, and changes nothing`, () => {
    const guard = take() as Guard;
    assert.equal(guard.held, true);
    guard.release();
    assert.equal(guard.held, false);
    const other = take() as Guard;
    assert.throws(
      () => guard.release(),
      (error: Error) => error instanceof NotHeldError && /released before/.test(error.message),
    );
    assert.equal(other.held, true);
    guard[Symbol.dispose]();
    assert.equal(other.held, true);
    other.release();
  });

  test(`${name}: \`using\` releases it at the end of the block, also when that throws, and not a second time`, () => {
    assert.throws(() => {
      using guard = take() as Guard;
      assert.ok(guard.held);
      throw new RangeError('on the way out');
    }, RangeError);
    {
      using guard = take() as Guard;
      guard.release();
    }
    take()?.release();
  });

  test(`${name}: with() wants a function, and says what came`, async () => {
    const called = async (): Promise<void> => undefined;
    function* generator(): Generator<unknown, void, unknown> {
      yield* quiet();
    }
    const wrong: [unknown, RegExp][] = [
      [undefined, /undefined/],
      [called(), /async function was called/],
      [generator(), /generator function was called/],
    ];
    for (const [value, says] of wrong) {
      assert.throws(
        () => use(value as never),
        (error: Error) => error instanceof NotCallableError && says.test(error.message) && error.message.includes('.with'),
      );
    }
    await use(() => undefined);
  });
}
