// After golang.org/x/sync at commit 529f39239071, semaphore/semaphore_test.go (BSD-3-Clause, The Go Authors).
// Left out: none. The benchmarks and the example are files of their own there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptionError, seeded, TimeoutError } from '../../../core/index.js';
import { type Guard, NotHeldError, Semaphore, sleep, type TaskGroup, withTaskGroup, withTimeout } from '../../index.js';
import { bothForms, type Form, failure, forms, quiet, virtually } from '../harness.js';

/** SEED=n runs a hammering again. */
const SEED = Number(process.env.SEED ?? Math.trunc(Math.random() * 2 ** 31));

const hammer = (form: Form) =>
  form(function* () {
    const random = seeded(SEED);
    const semaphore = new Semaphore(4);
    let held = 0;
    yield* withTaskGroup((group) => {
      for (let n = 1; n <= 4; n++)
        group.spawn(
          form(function* () {
            for (let i = 0; i < 250; i++) {
              using _permits = yield* semaphore.acquire(n);
              held += n;
              assert.ok(held <= 4, `${held} of 4 are held`);
              yield* sleep(random());
              held -= n;
            }
          }),
        );
    });
    assert.deepEqual([held, semaphore.available, semaphore.waiting], [0, 4, 0]);
  });
for (const [kind, form] of forms) {
  test(`TestWeighted: hammered with weights from 1 to all (${kind})`, (t) => {
    t.diagnostic(`SEED=${SEED}`);
    return virtually(hammer(form));
  });
}

bothForms('TestWeightedPanic: what is not held cannot be released', function* () {
  const guard = yield* new Semaphore(1).acquire();
  guard.release();
  assert.throws(() => guard.release(), NotHeldError);
});

for (const [name, limited] of [
  ['TestWeightedTryAcquire: with and without room, at once', false],
  ['TestWeightedAcquire: the same, for a while', true],
] as const) {
  bothForms(name, function* () {
    const semaphore = new Semaphore(2);
    const kept: Guard[] = [];
    const attempt = function* () {
      try {
        const guard = limited ? yield* withTimeout(10, () => semaphore.acquire(1)) : semaphore.tryAcquire(1);
        if (guard !== undefined) kept.push(guard);
        return guard !== undefined;
      } catch (error) {
        assert.ok(error instanceof TimeoutError);
        return false;
      }
    };
    kept.push(yield* semaphore.acquire(1));
    const tries = [yield* attempt(), yield* attempt()];
    for (const guard of kept.splice(0)) guard.release();
    tries.push(yield* attempt());
    yield* semaphore.acquire(1);
    tries.push(yield* attempt());
    assert.deepEqual(tries, [true, false, true, false]);
  });
}

bothForms('TestWeightedDoesntBlockIfTooBig: more than there are is refused, and stands in nobody’s way', function* (form) {
  const semaphore = new Semaphore(2);
  assert.throws(() => semaphore.acquire(3), OptionError); // Go's waits for ever
  let done = 0;
  yield* withTaskGroup((group) => {
    for (let n = 0; n < 6; n++)
      group.spawn(
        form(function* () {
          using _permit = yield* semaphore.acquire(1);
          yield* sleep(1);
          done++;
        }),
      );
  });
  assert.equal(done, 6);
});

bothForms('TestLargeAcquireDoesntStarve: one that wants all gets its turn among many that want one', function* (form) {
  const n = 4;
  const semaphore = new Semaphore(n);
  let isRunning = true;
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      for (let i = 0; i < n; i++) {
        const first = yield* semaphore.acquire(1);
        group.spawn(
          form(function* () {
            let guard = first;
            while (isRunning) {
              yield* sleep(1);
              guard.release();
              guard = yield* semaphore.acquire(1);
            }
            guard.release();
          }),
        );
      }
      const all = yield* semaphore.acquire(n);
      isRunning = false;
      all.release();
    }),
  );
  assert.equal(semaphore.available, n);
});

bothForms('TestAllocCancelDoesntStarve: when a large one gives up, the small one behind it is served', function* (form) {
  const semaphore = new Semaphore(10);
  yield* semaphore.acquire(1);
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const large = group.spawn(
        form(function* () {
          return yield* failure(withTimeout(300, () => semaphore.acquire(10)));
        }),
      );
      yield* quiet();
      const small = group.spawn(() => withTimeout(1000, () => semaphore.acquire(1)));
      yield* quiet();
      assert.deepEqual([semaphore.waiting, small.settled], [2, false]);
      assert.ok((yield* large) instanceof TimeoutError);
      (yield* small).release();
    }),
  );
});
