// After golang.org/x/sync at commit 36f2d70ecde9, errgroup/errgroup_test.go (BSD-3-Clause, The Go Authors): the tests, and the two examples in that file. A group ends once here, where `Wait` can be called
// after every `Go`; a limit is a Semaphore, or `concurrency` of `gather`.
// Left out: BenchmarkGo: speed is the benchmark's.
import assert from 'node:assert/strict';
import type { Coroutine } from '../../../core/index.js';
import { OptionError } from '../../../core/index.js';
import { currentSignal, Event, type Guard, gather, Semaphore, sleep, type TaskGroup, withTaskGroup } from '../../index.js';
import { bothForms, failure, quiet } from '../harness.js';

const [one, two, doom] = ['1', '2', 'doomed'].map((message) => new RangeError(message));

/** What a group of tasks that fail with these errors throws; `undefined`: one that does not fail. */
function* outcomeOf(errors: (Error | undefined)[], onFailure: 'cancel' | 'collect'): Coroutine<unknown> {
  try {
    yield* withTaskGroup(
      (group) => {
        for (const error of errors)
          group.spawn(() => {
            if (error !== undefined) throw error;
          });
      },
      { onFailure },
    );
    return undefined;
  } catch (error) {
    return error instanceof AggregateError ? error.errors[0] : error;
  }
}

bothForms('TestZeroGroup: the first error is the one, whatever comes after it', function* () {
  for (const errors of [[], [undefined], [one], [one, undefined], [one, undefined, two]]) {
    for (let n = 0; n <= errors.length; n++) {
      const sofar = errors.slice(0, n);
      for (const onFailure of ['cancel', 'collect'] as const)
        assert.equal(
          yield* outcomeOf(sofar, onFailure),
          sofar.find((error) => error !== undefined),
        );
    }
  }
});

for (const [name, first] of [
  ['TestWithContext: the signal of the group', false],
  ['TestCancelCause: and its reason', true],
] as const) {
  bothForms(name, function* (form) {
    for (const [errors, want] of [
      [[], undefined],
      [[undefined], undefined],
      [[doom], doom],
      [[doom, undefined], doom],
    ] as [(Error | undefined)[], Error | undefined][]) {
      let signal: AbortSignal | undefined;
      let got: unknown;
      try {
        yield* withTaskGroup(
          form(function* (group: TaskGroup) {
            signal = currentSignal();
            for (const error of errors)
              group.spawn(() => {
                if (error !== undefined) throw error;
              });
            yield* quiet();
          }),
        );
      } catch (error) {
        got = error;
      }
      assert.equal(got, want);
      assert.equal(signal?.aborted, want !== undefined); // Go's context is cancelled in any case once the group has ended
      if (first && want !== undefined) assert.equal(signal?.reason.cause, want);
    }
  });
}

bothForms('TestTryGo: as many as there is room for', function* (form) {
  const limit = new Semaphore(42);
  const gate = new Event();
  const tryGo = (group: TaskGroup): boolean => {
    const permit: Guard | undefined = limit.tryAcquire();
    if (permit !== undefined)
      group.spawn(
        form(function* () {
          using _permit = permit;
          yield* gate.wait();
        }),
      );
    return permit !== undefined;
  };
  yield* withTaskGroup((group) => {
    for (let n = 0; n < 42; n++) assert.equal(tryGo(group), true);
    assert.equal(tryGo(group), false);
    gate.set();
  });
  yield* withTaskGroup((group) => {
    assert.equal(tryGo(group), true);
  });
  limit.resize(1);
  gate.clear();
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      assert.equal(tryGo(group), true);
      assert.equal(tryGo(group), false);
      yield* quiet();
      gate.set();
    }),
  );
  assert.throws(() => limit.resize(0), OptionError); // Go's limit of 0 holds everybody up
});

bothForms('TestGoLimit: never more than the limit', function* (form) {
  const limit = new Semaphore(10);
  for (const bounded of ['semaphore', 'gather'] as const) {
    let [active, most, done] = [0, 0, 0];
    const work = form(function* () {
      most = Math.max(most, ++active);
      yield* sleep(0.001);
      active--;
      done++;
    });
    if (bounded === 'gather') yield* gather(Array(1025).fill(work), { concurrency: 10 });
    else
      yield* withTaskGroup((group) => {
        for (let n = 0; n <= 1024; n++) group.spawn(() => limit.with(work));
      });
    assert.deepEqual([bounded, most, done], [bounded, 10, 1025]);
  }
});

bothForms('ExampleGroup_justErrors: fetch them all, and hear of the first failure', function* (form) {
  const fetched: string[] = [];
  const fetch = form(function* (host: string) {
    yield* sleep(host.length);
    if (host.includes('somestupidname')) throw new RangeError(`no such host: ${host}`);
    fetched.push(host);
  });
  const hosts = ['www.golang.org', 'www.google.com', 'www.somestupidname.com'];
  const error = yield* failure(
    withTaskGroup((group) => {
      for (const host of hosts) group.spawn(fetch, host);
    }),
  );
  assert.deepEqual([error.message, fetched], ['no such host: www.somestupidname.com', ['www.golang.org', 'www.google.com']]);
});

bothForms('ExampleGroup_parallel: the results of several searches, in their order', function* (form) {
  const search = (kind: string, ms: number) =>
    form(function* () {
      yield* sleep(ms);
      return `${kind} result for "golang"`;
    });
  assert.deepEqual(yield* gather([search('web', 3), search('image', 2), search('video', 1)]), [
    'web result for "golang"',
    'image result for "golang"',
    'video result for "golang"',
  ]);
});
