import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotCallableError } from 'meantime';
import { AutoExecutor, advise, compare } from 'meantime/advisor';
import { map } from 'meantime/batch';
import { type Executor, FutureSource, whenSettled } from 'meantime/futures';
import { Process, ProcessCondition, ProcessLock, ProcessPoolExecutor, portable, toProcess } from 'meantime/processes';
import {
  any,
  Condition,
  call,
  defer,
  gather,
  Lock,
  onLateError,
  RateLimiter,
  race,
  retry,
  run,
  TaskExecutor,
  withCancelScope,
  withShield,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';
import { checkExecutor, checkLock, checkQueue } from 'meantime/testing';
import { SharedCondition, SharedLock, Thread, ThreadPoolExecutor, Timer, toThread } from 'meantime/threads';

/* Every public function that takes a function, given something else: one error, that says what was expected and what came. */

const executors: Executor[] = [new TaskExecutor(), new ThreadPoolExecutor(), new ProcessPoolExecutor(), new AutoExecutor()];
const drained = async (steps: AsyncIterable<unknown>) => {
  for await (const _ of steps);
};
const doors: Record<string, (wrong: never) => unknown> = {
  whenSettled: (wrong) => whenSettled(new FutureSource().future, wrong),
  onCancel: (wrong) => new FutureSource().onCancel(wrong),
  'batch map': (wrong) => map(wrong, [1]),
  'batch map on tasks': (wrong) => map(wrong, [1], { on: 'tasks', retries: 1 }),
  advise: (wrong) => advise(wrong, [1]),
  compare: (wrong) => compare(wrong, [1]),
  run: (wrong) => run(wrong),
  spawn: (wrong) => withTaskGroup((group) => void group.spawn(wrong)),
  withTaskGroup: (wrong) => withTaskGroup(wrong),
  withTimeout: (wrong) => withTimeout(1, wrong),
  withShield: (wrong) => withShield(wrong),
  withCancelScope: (wrong) => withCancelScope(wrong),
  defer: (wrong) => defer(wrong),
  call: (wrong) => call(wrong),
  retry: (wrong) => retry(wrong),
  gather: (wrong) => gather([wrong]),
  race: (wrong) => race([wrong]),
  any: (wrong) => any([wrong]),
  onLateError: (wrong) => onLateError(wrong),
  'RateLimiter.with': (wrong) => new RateLimiter({ limit: 1, per: 1 }).with(wrong),
  'Thread.start': (wrong) => Thread.start(wrong),
  'Process.start': (wrong) => Process.start(wrong),
  toThread: (wrong) => toThread(wrong),
  toProcess: (wrong) => toProcess(wrong),
  portable: (wrong) => portable(import.meta.url, 'name', wrong),
  'Timer.once': (wrong) => Timer.once(1, wrong),
  'Timer.every': (wrong) => Timer.every(1, wrong),
  checkLock: (wrong) => checkLock(wrong),
  checkQueue: (wrong) => checkQueue(wrong),
  checkExecutor: (wrong) => checkExecutor({ name: 'none', make: wrong }),
};
for (const executor of executors) {
  const { name } = executor.constructor;
  doors[`${name}.submit`] = (wrong) => executor.submit(wrong);
  doors[`${name}.map`] = (wrong) => executor.map(wrong, [1]);
  doors[`${name}.stream`] = (wrong) => drained(executor.stream(wrong));
  doors[`${name}.with().submit`] = (wrong) => executor.with({ retries: 1 }).submit(wrong);
  doors[`${name}.with().map`] = (wrong) => executor.with({ retries: 1 }).map(wrong, [1]);
  doors[`${name}.with().stream`] = (wrong) => drained(executor.with({ retries: 1 }).stream(wrong));
  if (executor instanceof ThreadPoolExecutor || executor instanceof ProcessPoolExecutor) {
    doors[`${name}.broadcast`] = (wrong) => executor.broadcast(wrong);
  }
}
for (const Kind of [Lock, SharedLock, ProcessLock, Condition, SharedCondition, ProcessCondition]) {
  doors[`${Kind.name}.with`] = (wrong) => new Kind().with(wrong);
}
for (const Kind of [Condition, SharedCondition, ProcessCondition]) {
  doors[`${Kind.name}: waitFor`] = (wrong) => new Kind().with((guard) => guard.waitFor(wrong));
}

for (const [name, door] of Object.entries(doors)) {
  test(`${name}: what is no function is a NotCallableError that says what came`, async () => {
    const called = Promise.reject(new Error('not told'));
    called.catch(() => undefined); // its turn comes last
    for (const [wrong, says] of [
      [7, /function.*got number 7/],
      [undefined, /function.*got undefined/],
      [null, /function.*got null/],
      [{}, /function.*got an object/],
      [called, /function.*got a promise/],
    ] as const) {
      await assert.rejects(
        async () => await door(wrong as never),
        (error: Error) => error instanceof NotCallableError && error.code === 'MEANTIME_NOT_CALLABLE' && says.test(error.message),
        `${name} of ${String(wrong)}`,
      );
    }
  });
}

test('the executors end', async () => {
  for (const executor of executors) await executor.shutdown();
});
