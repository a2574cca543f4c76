/** Promise 1: a group ends only after every task in it has ended, whatever the way out. Losers of `race` are cancelled and awaited. */
import assert from 'node:assert/strict';
import {
  any,
  type CancelScope,
  defer,
  Event,
  gather,
  race,
  sleep,
  type TaskGroup,
  withCancelScope,
  withShield,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';
import { bothForms, type Coroutine, type Form, failure } from './forms.js';

/** Three tasks whose clean-up takes time, each longer than the one before, and a note of how many have really ended. */
function lingering(form: Form): { spawnIn(group: TaskGroup): void; readonly ended: number } {
  let ended = 0;
  const linger = form(function* (ms: number) {
    try {
      yield* sleep(60_000);
    } finally {
      yield* withShield(() => sleep(ms));
      ended++;
    }
  });
  return {
    spawnIn: (group) => {
      for (const ms of [1, 5, 10]) group.spawn(linger, ms);
    },
    get ended() {
      return ended;
    },
  };
}

const boom = new RangeError('boom');
/** A way out of a group, and how the block that has the group ends. */
const waysOut: [name: string, block: (form: Form, spawnIn: (group: TaskGroup) => void) => Iterable<unknown>, expected: unknown][] = [
  [
    'the body throws',
    (_, spawnIn) =>
      withTaskGroup((group) => {
        spawnIn(group);
        throw boom;
      }),
    boom,
  ],
  [
    'a task throws',
    (_, spawnIn) =>
      withTaskGroup((group) => {
        spawnIn(group);
        group.spawn(() => {
          throw boom;
        });
      }),
    boom,
  ],
  [
    'a task throws while the body waits',
    (form, spawnIn) =>
      withTaskGroup(
        form(function* (group: TaskGroup) {
          spawnIn(group);
          group.spawn(() => {
            throw boom;
          });
          yield* sleep(60_000);
        }),
      ),
    boom,
  ],
  [
    'the group is cancelled from inside',
    (_, spawnIn) =>
      withTaskGroup((group) => {
        spawnIn(group);
        group.cancel();
      }),
    undefined,
  ],
  [
    'the scope around it is cancelled',
    (form, spawnIn) =>
      withCancelScope(
        form(function* (scope: CancelScope) {
          yield* withTaskGroup(
            form(function* (group: TaskGroup) {
              spawnIn(group);
              yield* sleep(0);
              scope.cancel();
            }),
          );
        }),
      ),
    undefined,
  ],
  ['its time runs out', (_, spawnIn) => withTimeout(1, () => withTaskGroup((group) => spawnIn(group))), 'TimeoutError'],
];

for (const [name, block, expected] of waysOut) {
  bothForms(`1: when ${name}, the group still waits for all`, function* (form) {
    const tasks = lingering(form);
    if (expected === undefined) yield* block(form, tasks.spawnIn) as Coroutine<unknown>;
    else {
      const error = yield* failure(block(form, tasks.spawnIn));
      if (expected === boom) assert.equal(error, boom);
      else assert.equal(error.name, expected);
    }
    assert.equal(tasks.ended, 3);
  });
}

bothForms('1: on the ordinary way out too, also for what tasks spawn when the body is over', function* (form) {
  const seen: string[] = [];
  const descend = form(function* (group: TaskGroup, depth: number): Coroutine<void> {
    yield* sleep(1);
    if (depth > 0) group.spawn(descend, group, depth - 1);
    seen.push(`depth ${depth}`);
  });
  yield* withTaskGroup((group) => {
    group.spawn(descend, group, 3);
    seen.push('body');
  });
  assert.deepEqual(seen, ['body', 'depth 3', 'depth 2', 'depth 1', 'depth 0']);
});

for (const [name, combine, expected] of [
  ['race', race, 'won'],
  ['any', any, 'won'],
] as const) {
  bothForms(`1: the losers of ${name} are cancelled and awaited`, function* (form) {
    const seen: string[] = [];
    const loser = form(function* () {
      try {
        yield* sleep(60_000);
      } finally {
        yield* withShield(() => sleep(5));
        seen.push('cleaned up');
      }
      return 'lost';
    });
    const winner = form(function* () {
      yield* sleep(1);
      return 'won';
    });
    assert.equal(yield* combine([loser, winner, loser]), expected);
    assert.deepEqual(seen, ['cleaned up', 'cleaned up']);
  });
}

bothForms('1: the rest of a gather that fails is cancelled and awaited', function* (form) {
  const seen: string[] = [];
  const rest = form(function* () {
    try {
      yield* sleep(60_000);
    } finally {
      yield* withShield(() => sleep(5));
      seen.push('cleaned up');
    }
  });
  const error = yield* failure(
    gather([
      rest,
      () => {
        throw boom;
      },
      rest,
    ]),
  );
  assert.equal(error, boom);
  assert.deepEqual(seen, ['cleaned up', 'cleaned up']);
});

bothForms('1: a block that nobody awaited is waited for by what is around it', function* (form) {
  const seen: string[] = [];
  yield* withCancelScope((): void => {
    void withTimeout(
      10_000,
      form(function* () {
        yield* sleep(2);
        seen.push('done');
      }),
    );
    seen.push('not awaited');
  });
  assert.deepEqual(seen, ['not awaited', 'done']);
});

bothForms('1: what was deferred has run when the group has ended, after the tasks', function* (form) {
  const seen: string[] = [];
  const event = new Event();
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      defer(
        form(function* () {
          yield* sleep(1);
          seen.push('deferred');
        }),
      );
      group.spawn(
        form(function* () {
          yield* event.wait();
          seen.push('task');
        }),
      );
      yield* sleep(1);
      event.set();
      seen.push('body');
    }),
  );
  assert.deepEqual(seen, ['body', 'task', 'deferred']);
});
