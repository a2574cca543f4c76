// After trio 0.22.2, trio/_core/_tests/test_run.py (MIT or Apache-2.0): the tests about cancel scopes; those about deadlines are in deadlines.test.ts. trio opens and closes a shield by an attribute; here a shield is a block.
// Left out: test_cancel_scope_repr: no text of its own; test_cancel_shield_abort and test_unshield_while_cancel_propagating: a shield cannot be taken away from the running block;
// test_cancel_scope_misnesting: blocks nest by syntax; test_broken_abort, test_slow_abort_basic, test_slow_abort_edge_cases: there is no hook by which a wait could refuse to be
// cut off; test_nursery_start_*: no `start()`; the *_cyclic_garbage tests: no reference counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Coroutine } from '../../../core/index.js';
import { FutureSource } from '../../../futures/index.js';
import { type CancelScope, checkpoint, sleep, type TaskGroup, withCancelScope, withShield, withTaskGroup } from '../../index.js';
import { bothForms, failure, isCancelled, quiet, stopwatch, virtually } from '../harness.js';

const forever = () => sleep(Number.POSITIVE_INFINITY);

for (const [name, wait] of [
  ['a checkpoint', checkpoint],
  ['a sleep', () => sleep(10)],
  ['a sleep without end', forever],
] as const) {
  bothForms(`test_cancel_points: ${name}`, function* (form) {
    let caught: Error | undefined;
    let shielded = 0;
    yield* withCancelScope(
      form(function* (scope: CancelScope) {
        if (wait !== forever) yield* wait();
        scope.cancel();
        for (let n = 0; n < 2; n++) shielded += (yield* withShield(() => 1)) ?? 0;
        caught = yield* failure(wait());
      }),
    );
    assert.ok(isCancelled(caught));
    assert.equal(shielded, 2);
  });
}

bothForms('test_cancel_edge_cases: cancelled twice is cancelled once, and stays so', function* (form) {
  const seen: boolean[] = [];
  yield* withCancelScope(
    form(function* (scope: CancelScope) {
      seen.push(scope.cancel(), scope.cancel(), scope.cancelled);
      yield* checkpoint();
      seen.push(false);
    }),
  );
  yield* withCancelScope(
    form(function* (scope: CancelScope) {
      scope.cancel();
      for (let n = 0; n < 2; n++) assert.ok(isCancelled(yield* failure(forever())));
    }),
  );
  assert.deepEqual(seen, [true, true, true]);
});

bothForms('test_cancel_scope_multierror_filtering: of many cancellations and one failure the failure remains', function* (form) {
  const crash = () => {
    throw new RangeError('crash');
  };
  const error = yield* failure(
    withCancelScope(
      form(function* (outer: CancelScope) {
        yield* withTaskGroup(
          form(function* (group: TaskGroup) {
            group.spawn(forever);
            group.spawn(forever);
            group.cancel();
            yield* withShield(quiet);
            group.spawn(forever);
            outer.cancel();
            group.spawn(crash);
          }),
        );
      }),
    ),
  );
  assert.equal(String(error), 'RangeError: crash');
});

bothForms('test_precancelled_task: it begins, and ends at its first wait', function* (form) {
  const seen: string[] = [];
  yield* withTaskGroup((group) => {
    group.cancel();
    group.spawn(
      form(function* () {
        seen.push('started');
        yield* forever();
        seen.push('went on');
      }),
    );
  });
  assert.deepEqual(seen, ['started']);
});

bothForms('test_cancel_shielding: a shield keeps off what comes from outside, and only that', function* (form) {
  const seen: string[] = [];
  yield* withCancelScope(
    form(function* (outer: CancelScope) {
      yield* checkpoint();
      outer.cancel();
      assert.ok(isCancelled(yield* failure(checkpoint())));
      const shielded = withShield(
        form(function* (shield: CancelScope) {
          yield* checkpoint();
          yield* withCancelScope(
            form(function* (innermost: CancelScope) {
              innermost.cancel();
              yield* checkpoint();
              seen.push('never');
            }),
          );
          yield* checkpoint();
          seen.push('shielded');
          shield.cancel();
          yield* checkpoint();
          seen.push('never');
          return 'value';
        }),
      );
      assert.ok(isCancelled(yield* failure(shielded))); // a shield promises a value: cancelled by itself it says so, where trio absorbs it
      seen.push('after the shield');
      yield* checkpoint();
      seen.push('never');
    }),
  );
  assert.deepEqual(seen, ['shielded', 'after the shield']);
});

bothForms('test_cancel_inheritance: it reaches every task below', function* (form) {
  const seen: string[] = [];
  const leaf = form(function* (name: string) {
    try {
      yield* forever();
    } finally {
      seen.push(name);
    }
  });
  const worker = form(function* (name: string) {
    yield* withTaskGroup((group) => {
      for (const n of [1, 2]) group.spawn(leaf, `${name}-l${n}`);
    });
  });
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      for (const name of ['w1', 'w2']) group.spawn(worker, name);
      yield* quiet();
      group.cancel();
    }),
  );
  assert.deepEqual(seen, ['w1-l1', 'w1-l2', 'w2-l1', 'w2-l2']);
});

bothForms('test_cancel_scope_nesting: of two that are cancelled the outer one takes it', function* (form) {
  const seen: string[] = [];
  yield* withCancelScope(
    form(function* (scope1: CancelScope) {
      yield* withCancelScope(
        form(function* (scope2: CancelScope) {
          yield* withCancelScope(
            form(function* (scope3: CancelScope) {
              scope3.cancel();
              scope2.cancel();
              yield* forever();
            }),
          );
          seen.push('after the third');
        }),
      );
      seen.push('after the second');
      assert.equal(scope1.cancelled, false);
      yield* checkpoint();
    }),
  );
  assert.deepEqual(seen, ['after the second']);
  // One that is cancelled, and left before any wait, has cut off nothing.
  const value = yield* withCancelScope((scope) => {
    scope.cancel();
    return 'value';
  });
  assert.equal(value, 'value');
  yield* checkpoint();
});

bothForms('test_cancel_unbound: cancelled before its first step, from another task, and too late', function* (form) {
  const passed = stopwatch();
  yield* withCancelScope((scope) => {
    scope.cancel();
    return forever();
  });
  let shared: CancelScope | undefined;
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      group.spawn(() =>
        withCancelScope((scope) => {
          shared = scope;
          return forever();
        }),
      );
      yield* quiet();
      assert.equal(shared?.cancel(), true);
    }),
  );
  assert.equal(passed(), 0);
  assert.equal(shared?.cancel(), false); // it has ended
  yield* checkpoint();
});

test('test_failed_abort: what does not listen is not woken, and cut off at its next wait', () =>
  // An async function that awaits somebody else's promise; in a generator every wait can be cut off.
  virtually(async () => {
    const seen: string[] = [];
    const wake = new FutureSource<number>();
    const foreign = new Promise<number>((resolve) => wake.future.then(resolve));
    await withTaskGroup(async (group) => {
      let stubborn: CancelScope | undefined;
      group.spawn(() =>
        withCancelScope(async (scope) => {
          stubborn = scope;
          seen.push('sleep');
          assert.equal(await foreign, 1);
          seen.push('woke');
          await checkpoint();
          seen.push('went on');
        }),
      );
      await quiet();
      stubborn?.cancel();
      await quiet();
      assert.deepEqual(seen, ['sleep']);
      wake.fulfil(1);
    });
    assert.deepEqual(seen, ['sleep', 'woke']);
  }));

bothForms('test_very_deep_cancel_scope_nesting: 5,000 scopes', function* (form) {
  let reached = 0;
  yield* withCancelScope(
    form(function* (outermost: CancelScope) {
      function* nest(n: number): Coroutine<void> {
        if (n > 0) yield* withCancelScope(form(() => nest(n - 1)));
        else {
          reached++;
          outermost.cancel();
          yield* checkpoint();
          reached++;
        }
      }
      yield* nest(5000);
    }),
  );
  assert.equal(reached, 1);
});

bothForms('test_cancel_scope_no_cancellederror: errors without a cancellation among them pass', function* () {
  const error = yield* failure(
    withCancelScope((scope) => {
      scope.cancel();
      throw new AggregateError([new RangeError('one'), new RangeError('two')], 'test');
    }),
  );
  assert.ok(error instanceof AggregateError);
});

bothForms('test_trivial_yields: a group that fails though its scope is cancelled', function* () {
  const error = yield* failure(
    withCancelScope((scope) => {
      scope.cancel();
      return withTaskGroup(() => {
        throw new RangeError('body');
      });
    }),
  );
  assert.equal(String(error), 'RangeError: body'); // trio adds a Cancelled, since leaving a nursery is a checkpoint there
});
