import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError } from 'meantime';
import { type Future, whenSettled } from 'meantime/futures';
import { ProcessCondition, ProcessLock, ProcessReentrantLock, ProcessSemaphore } from 'meantime/processes';
import {
  Condition,
  currentSignal,
  gather,
  Lock,
  RwLock,
  race,
  retry,
  Semaphore,
  sleep,
  withCancelScope,
  withShield,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';
import { SharedCondition, SharedLock, SharedReentrantLock, SharedRwLock, SharedSemaphore } from 'meantime/threads';

/* An error is a cancellation if it is that of what was waited for, or of the task around; whatever else is called AbortError is a failure, and is reported as one. */

/** A block that runs a function holding something. */
const blocks: Record<string, (fn: () => unknown) => Future<unknown>> = {
  'Lock.with': (fn) => new Lock().with(fn),
  'RwLock.withRead': (fn) => new RwLock().withRead(fn),
  'RwLock.withWrite': (fn) => new RwLock().withWrite(fn),
  'Semaphore.with': (fn) => new Semaphore(1).with(fn),
  'Condition.with': (fn) => new Condition().with(fn),
  'Condition: waitFor': (fn) => new Condition().with((guard) => guard.waitFor(fn)),
  'SharedLock.with': (fn) => new SharedLock().with(fn),
  'SharedReentrantLock.with': (fn) => new SharedReentrantLock().with(fn),
  'SharedRwLock.withRead': (fn) => new SharedRwLock().withRead(fn),
  'SharedRwLock.withWrite': (fn) => new SharedRwLock().withWrite(fn),
  'SharedSemaphore.with': (fn) => new SharedSemaphore(1).with(fn),
  'SharedCondition.with': (fn) => new SharedCondition().with(fn),
  'ProcessLock.with': (fn) => new ProcessLock().with(fn),
  'ProcessReentrantLock.with': (fn) => new ProcessReentrantLock().with(fn),
  'ProcessSemaphore.with': (fn) => new ProcessSemaphore(1).with(fn),
  'ProcessCondition.with': (fn) => new ProcessCondition().with(fn),
};

const combined: Record<string, (fn: () => unknown) => Future<unknown>> = {
  gather: (fn) => gather([fn]),
  race: (fn) => race([fn]),
  retry: (fn) => retry(fn, { attempts: 1 }),
  withTaskGroup: (fn) => withTaskGroup(fn),
  'group.spawn': (fn) => withTaskGroup((group) => void group.spawn(fn)),
  withCancelScope: (fn) => withCancelScope(fn),
  withTimeout: (fn) => withTimeout(60_000, fn),
  withShield: (fn) => withShield(fn),
};

const controller = new AbortController();
controller.abort();
const aborts: Record<string, () => unknown> = {
  'an AbortError of somebody else': () => new DOMException('x', 'AbortError'),
  'a plain error of that name and code': () => Object.assign(new Error('x'), { name: 'AbortError', code: 'ABORT_ERR' }),
  'the cancellation of another scope': () => new CancelledError('elsewhere'),
  'the reason of a signal of its own': () => controller.signal.reason,
};

for (const [name, block] of Object.entries({ ...blocks, ...combined })) {
  test(`${name}: an AbortError of its function's own is a failure, and reported`, async () => {
    for (const [what, make] of Object.entries(aborts)) {
      const error = make();
      const future = block(() => {
        throw error;
      });
      await assert.rejects(
        future.then((value) => value),
        (thrown) => thrown === error,
        what,
      );
      assert.equal(future.state, 'rejected', what);
    }
  });
}

for (const [name, block] of Object.entries(blocks)) {
  if (name === 'Condition: waitFor') continue; // looks, and waits for nothing in its function
  test(`${name}: the cancellation of the task around it is one`, async () => {
    let future: Future<unknown> | undefined;
    await withCancelScope(async (scope) => {
      future = block(async () => {
        scope.cancel();
        await sleep(1000);
      });
      await future;
    });
    await new Promise<void>((resolve) => whenSettled(future as Future<unknown>, () => resolve()));
    assert.equal(future?.state, 'cancelled');
    assert.equal(currentSignal(), undefined);
  });
  test(`${name}: what is no function is refused at once, in one way`, () => {
    assert.throws(() => block(7 as never), { code: 'MEANTIME_NOT_CALLABLE', message: /expects a function, got number 7/ });
  });
}

test('waitFor: what is no function is refused at once, in one way', async () => {
  const guards = {
    Condition: await new Condition().acquire(),
    SharedCondition: await new SharedCondition().acquire(),
    ProcessCondition: await new ProcessCondition().acquire(),
  };
  for (const [name, guard] of Object.entries(guards)) {
    assert.throws(
      () => void guard.waitFor(7 as never),
      { code: 'MEANTIME_NOT_CALLABLE', message: /waitFor.* expects a function, got number 7/ },
      name,
    );
    guard.release();
  }
});
