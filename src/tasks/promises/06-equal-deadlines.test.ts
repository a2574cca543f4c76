/** Promise 6, for timers: equal deadlines fire in the order in which they were set. On a virtual clock, so that they are equal. */
import assert from 'node:assert/strict';
import { seeded } from '../../core/index.js';
import { bothForms, failure } from '../borrowed/harness.js';
import { now, sleep, withDeadline, withTaskGroup } from '../index.js';

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const SEED = Number(process.env.SEED ?? Math.trunc(Math.random() * 2 ** 31));

bothForms('6: equal deadlines fire in the order in which they were set', function* (form) {
  const seen: number[] = [];
  const at = now() + 5;
  yield* withTaskGroup((group) => {
    for (const n of range(50))
      group.spawn(
        form(function* () {
          yield* failure(withDeadline(at, () => sleep(Number.POSITIVE_INFINITY)));
          seen.push(n);
        }),
      );
  });
  assert.deepEqual(seen, range(50)); // a heap that knows only times gives 0, 49, 1, … or the like
});

bothForms('6: equal sleeps end in the order in which they began', function* (form) {
  const seen: number[] = [];
  yield* withTaskGroup((group) => {
    for (const n of range(50))
      group.spawn(
        form(function* () {
          yield* sleep(5);
          seen.push(n);
        }),
      );
  });
  assert.deepEqual(seen, range(50));
});

bothForms(`6: among others that are earlier, later or taken back, SEED=${SEED}`, function* (form) {
  const random = seeded(SEED);
  const seen: [at: number, n: number][] = [];
  yield* withTaskGroup((group) => {
    for (const n of range(500)) {
      const ms = 1 + Math.floor(random() * 10);
      const isTakenBack = random() < 0.3;
      group.spawn(
        form(function* () {
          yield* failure(
            withDeadline(
              ms,
              form(function* (scope) {
                if (isTakenBack) scope.reschedule(100);
                yield* sleep(Number.POSITIVE_INFINITY);
              }),
            ),
          );
          seen.push([isTakenBack ? 100 : ms, n]);
        }),
      );
    }
  });
  assert.deepEqual(
    seen,
    [...seen].sort(([a, n], [b, m]) => a - b || n - m),
  );
  assert.equal(seen.length, 500);
});
