import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disown, type Follower, follow } from './follow.js';

/** Counts how often `then` is called. */
function watched<T>(promise: Promise<T>): { promise: Promise<T>; reactions: () => number } {
  let reactions = 0;
  const { then } = promise;
  // biome-ignore lint/suspicious/noThenProperty: it counts, and does what it did
  promise.then = (<A, B>(...args: [((value: T) => A)?, ((error: unknown) => B)?]) => {
    reactions++;
    return Reflect.apply(then, promise, args) as Promise<A | B>;
  }) as typeof then;
  return { promise, reactions: () => reactions };
}

const noting = (seen: unknown[], name: string): Follower => ({ arrive: (failed, value) => seen.push([name, failed, value]) });

test('those who come and go one after another share one reaction, and are not told', async () => {
  const [seen, { promise, reactions }] = [[] as unknown[], watched(new Promise((resolve) => setImmediate(resolve, 7)))];
  for (let i = 0; i < 100; i++) {
    const follower = noting(seen, `${i}`);
    follow(promise, follower).leave(follower);
  }
  follow(promise, noting(seen, 'last'));
  await promise;
  assert.equal(reactions(), 1);
  assert.deepEqual(seen, [['last', false, 7]]);
});

test('a crowd shares one reaction and is told in order; who left, or is made to leave, is not', async () => {
  const [seen, { promise, reactions }] = [[] as unknown[], watched(Promise.reject(new Error('no')))];
  const leaves = noting(seen, 'leaves');
  const made = noting(seen, 'is made to leave');
  follow(promise, noting(seen, 'first'));
  follow(promise, leaves).leave(leaves);
  follow(promise, { arrive: () => follows.leave(made) });
  const follows = follow(promise, made);
  follow(promise, noting(seen, 'last'));
  await promise.catch((error) => seen.push(error.message));
  assert.equal(reactions(), 2, 'one of followers, one of the catch');
  const told = (seen.slice(0, -1) as [string, boolean, Error][]).map(([name, failed, error]) => [name, failed, error.message]);
  assert.deepEqual(told, [
    ['first', true, 'no'],
    ['last', true, 'no'],
  ]);
});

test('crowds of two promises that come by turns leave no more reactions than there are waits at a time', async () => {
  const all = [watched(new Promise(() => undefined)), watched(new Promise(() => undefined))];
  for (let round = 0; round < 10; round++) {
    const leave: (() => void)[] = [];
    for (let i = 0; i < 10; i++) {
      for (const { promise } of all) {
        const follower = noting([], '');
        const followers = follow(promise, follower);
        leave.push(() => followers.leave(follower));
      }
    }
    for (const each of leave) each();
  }
  for (const { reactions } of all) assert.ok(reactions() <= 10, `${reactions()} reactions`);
});

test('who follows again from within is told of the same outcome, later', async () => {
  const seen: unknown[] = [];
  const promise = Promise.resolve(1);
  const followers = follow(promise, {
    arrive() {
      followers.leave(this);
      follow(promise, noting(seen, 'again'));
    },
  });
  await promise;
  assert.deepEqual(seen, []);
  await promise;
  assert.deepEqual(seen, [['again', false, 1]]);
});

test('a failure that was disowned is reported by nobody, and disowning it often is one reaction', async () => {
  const reported: unknown[] = [];
  const report = (error: unknown) => reported.push(error);
  process.on('unhandledRejection', report);
  const { promise, reactions } = watched(Promise.reject(new Error('nobody’s')));
  for (let i = 0; i < 100; i++) disown(promise);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', report);
  assert.equal(reactions(), 1);
  assert.deepEqual(reported, []);
});
