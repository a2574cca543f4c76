/**
 * Promise 10: the cancellation has the name, the code and the place that every library knows; a time limit's error has its name. There is one error for each scope that is cancelled, and no stack is
 * captured for it.
 */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { CancelledError, MeantimeError, TimeoutError } from 'meantime';
import {
  type CancelScope,
  checkpoint,
  currentSignal,
  run,
  sleep,
  type TaskGroup,
  withCancelScope,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';
import { bothForms, failure } from './forms.js';
import { program } from './programs.js';

bothForms('10: an AbortError with its code and its reason', function* (form) {
  const why = new RangeError('why');
  const seen: Error[] = [];
  yield* withCancelScope(
    form(function* (scope: CancelScope) {
      scope.cancel(why);
      seen.push(yield* failure(checkpoint()));
    }),
  );
  const [error] = seen;
  assert.ok(error instanceof CancelledError && error instanceof MeantimeError && error instanceof Error);
  assert.deepEqual([error.name, error.code, error.reason, error.cause], ['AbortError', 'ABORT_ERR', why, why]);
  assert.match(error.message, /cancelled: why/);
});

bothForms('10: it is the reason of the signal, for those who came before and those who come after', function* (form) {
  let early: AbortSignal | undefined;
  yield* withCancelScope(
    form(function* (scope: CancelScope) {
      early = scope.signal;
      assert.equal(currentSignal(), early);
      assert.equal(early.aborted, false);
      scope.cancel('stop');
      assert.equal(early.aborted, true);
      const error = yield* failure(checkpoint());
      assert.equal(early.reason, error);
      yield* failure(
        withTaskGroup((group) => {
          assert.equal(currentSignal()?.reason, error);
          group.spawn(() => assert.equal(currentSignal()?.reason, error));
          return checkpoint();
        }),
      );
      assert.throws(
        () => early?.throwIfAborted(),
        (thrown) => thrown === error,
      );
    }),
  );
});

bothForms('10: one error for all that are cancelled together', function* (form) {
  const errors = new Set<Error>();
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const nested = form(function* () {
        try {
          yield* withTimeout(60_000, () => withTaskGroup((inner) => void inner.spawn(() => sleep(60_000))));
        } catch (error) {
          errors.add(error as Error);
          throw error;
        }
      });
      for (let n = 0; n < 100; n++) group.spawn(nested);
      yield* sleep(1);
      group.cancel();
      errors.add(yield* failure(checkpoint()));
    }),
  );
  assert.equal(errors.size, 1);
});

bothForms('10: without a captured stack', function* (form) {
  const seen: Error[] = [];
  yield* withCancelScope(
    form(function* (scope: CancelScope) {
      scope.cancel();
      seen.push(scope.signal.reason);
      yield* checkpoint();
    }),
  );
  assert.doesNotMatch((seen[0].stack ?? '').split('--- awaited in ---')[0], /^ +at /m);
});

test('10: with one in debug mode', async () => {
  const { stdout } = await program(
    `
    import { withCancelScope } from 'meantime/tasks';
    function whoCancels(scope) { scope.cancel(); }
    await withCancelScope((scope) => { whoCancels(scope); console.log(scope.signal.reason.stack); });
    `,
    { MEANTIME_DEBUG: '1' },
  ).end;
  assert.match(stdout, /at whoCancels/);
});

bothForms('10: a TimeoutError for a time limit, whose cause is the cancellation', function* (form) {
  let inside: Error | undefined;
  const error = yield* failure(
    withTimeout(
      1,
      form(function* () {
        inside = yield* failure(sleep(60_000));
        throw inside;
      }),
    ),
  );
  assert.ok(error instanceof TimeoutError && error instanceof MeantimeError);
  assert.deepEqual([error.name, error.code, error.cause], ['TimeoutError', 'MEANTIME_TIMEOUT', inside]);
  assert.match(error.message, /withTimeout of 1 ms/);
});

test('10: what others make of it is taken for it at the border', async () => {
  const emitter = new EventEmitter();
  const others: [name: string, wait: (signal: AbortSignal) => Promise<unknown>][] = [
    ['timers/promises', (signal) => pause(60_000, undefined, { signal })],
    ['events.once', (signal) => once(emitter, 'never', { signal })],
    [
      'throwIfAborted',
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
    ],
    // What knows only that something was aborted.
    [
      'a DOMException',
      (signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError')), { once: true }),
        ),
    ],
  ];
  for (const [name, wait] of others) {
    const value = await withCancelScope(async (scope) => {
      setImmediate(() => scope.cancel());
      return wait(scope.signal);
    });
    assert.equal(value, undefined, name);
    await assert.rejects(
      withTimeout(1, (scope) => wait(scope.signal)),
      { name: 'TimeoutError' },
      name,
    );
    const future = run(() => wait(currentSignal() as AbortSignal));
    setImmediate(() => future.cancel());
    await assert.rejects(future, { name: 'AbortError' }, name);
    assert.equal(future.state, 'cancelled', name);
  }
  assert.deepEqual(emitter.listenerCount('never'), 0);
});
