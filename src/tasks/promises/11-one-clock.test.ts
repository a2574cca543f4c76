/** Promise 11: all time comes from the clock in force, and all chance from its source. Here everything in this room that takes time takes it in virtual time, where none passes by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Coroutine, seeded, TimeoutError, useRandom } from '../../core/index.js';
import { bothForms, failure, stopwatch, virtually } from '../borrowed/harness.js';
import {
  type CancelScope,
  Condition,
  checkpoint,
  defer,
  exponential,
  now,
  onLateError,
  Queue,
  RateLimiter,
  retry,
  sleep,
  TaskAbandonedError,
  TaskExecutor,
  type TaskGroup,
  withCancelScope,
  withDeadline,
  withShield,
  withTaskGroup,
  withTimeout,
} from '../index.js';

const HOUR = 3_600_000;
const forever = () => sleep(Number.POSITIVE_INFINITY);

/** Each takes an hour. */
const hours: Record<string, () => Iterable<unknown>> = {
  sleep: () => sleep(HOUR),
  withTimeout: () => failure(withTimeout(HOUR, forever)),
  'withDeadline, in ms of now()': () => failure(withDeadline(now() + HOUR, forever)),
  'withDeadline, a Date': () => failure(withDeadline(new Date(HOUR), forever)), // the virtual clock begins in 1970
  reschedule: () => failure(withCancelScope((scope: CancelScope) => scope.reschedule(now() + HOUR) && forever())),
  'the limit of a shield': () => failure(withShield(forever, { timeout: HOUR })),
  'the grace of a group': () =>
    failure(
      withTaskGroup(
        (group: TaskGroup) => {
          group.spawn(() => new Promise(() => {}));
          group.cancel();
        },
        { grace: HOUR },
      ),
    ),
  'the grace of a defer': function* () {
    const restore = onLateError((error) => assert.ok(error instanceof TimeoutError));
    yield* withCancelScope(() => {
      defer(forever, { grace: HOUR });
    });
    restore();
  },
  'the delays of a retry': () => {
    let tries = 0;
    return retry(
      () => {
        if (tries++ === 0) throw new Error('once');
      },
      { delay: HOUR },
    );
  },
  'a rate limit': function* () {
    const limiter = new RateLimiter({ limit: 1, per: HOUR });
    yield* limiter.acquire();
    yield* limiter.acquire();
  },
  'a time limit around a queue': () => failure(withTimeout(HOUR, () => new Queue(1).get())),
  'a condition, too': () => failure(withTimeout(HOUR, () => new Condition().with((guard) => guard.wait()))),
  'the timeout of a call': function* () {
    const executor = new TaskExecutor({ concurrency: 1 });
    yield* failure(executor.with({ timeout: HOUR }).submit(forever));
    yield executor.shutdown();
  },
};

for (const [name, take] of Object.entries(hours)) {
  bothForms(`11: ${name} is an hour of the clock in force, and no time of ours`, function* () {
    const passed = stopwatch();
    const started = process.hrtime.bigint();
    yield* take() as Coroutine<unknown>;
    assert.equal(passed(), HOUR);
    assert.ok(process.hrtime.bigint() - started < 60n * 1_000_000_000n);
  });
}

test('11: chance comes from its source: the same seed waits the same times', async () => {
  const delays = async (seed: number): Promise<number[]> => {
    const restore = useRandom(seeded(seed));
    const at: number[] = [];
    await virtually(async () => {
      await retry(
        () => {
          at.push(now());
          throw new Error('again');
        },
        { attempts: 6, delay: exponential({ first: 100 }) },
      ).catch(() => undefined);
    }).finally(restore);
    return at;
  };
  const [one, again, other] = [await delays(1), await delays(1), await delays(2)];
  assert.deepEqual(one, again);
  assert.notDeepEqual(one, other);
  assert.equal(one.length, 6);
});

bothForms('11: what is left undone for want of time is in order, whatever the clock', function* (form) {
  const seen: string[] = [];
  const error = yield* failure(
    withTimeout(
      HOUR,
      form(function* () {
        for (;;) {
          seen.push(String(now()));
          yield* sleep(HOUR / 4);
          yield* checkpoint();
        }
      }),
    ),
  );
  assert.ok(error instanceof TimeoutError && !(error instanceof TaskAbandonedError));
  assert.deepEqual(seen, ['0', '900000', '1800000', '2700000']);
});
