import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clock, currentSignal, onLateError, useClock, VirtualClock } from '../../core/index.js';
import { currentTask } from '../current-task.js';
import { failuresOf } from '../failures.js';
import { sleep } from '../sleep.js';
import { withCancelScope } from '../with-cancel-scope.js';
import { withShield } from '../with-shield.js';
import { withTimeout } from '../with-timeout.js';
import { race } from './race.js';

useClock(new VirtualClock());

const after =
  <T>(ms: number, value: T) =>
  async () => {
    await sleep(ms);
    return value;
  };
const failAfter = (ms: number, error: unknown) =>
  function* () {
    yield* sleep(ms);
    throw error;
  };
/** Is told to end, and then fails all the same, `ms` later. */
const failsInCleanUp = (ms: number, error: unknown) => async () => {
  await sleep(10_000).catch(() => withShield(() => sleep(ms)));
  throw error;
};
/** What the hook for late errors is told while `fn` runs. */
async function lateErrors(fn: () => PromiseLike<unknown>): Promise<unknown[]> {
  const late: unknown[] = [];
  const restore = onLateError((error) => late.push(error));
  try {
    await fn();
  } finally {
    restore();
  }
  return late;
}

test('the first to end decides; the losers are cancelled and have cleaned up when it ends', async () => {
  const began = clock.now();
  const seen: string[] = [];
  const loser = function* () {
    try {
      yield* sleep(1000);
    } finally {
      yield* withShield(() => sleep(20));
      seen.push('cleaned up');
    }
  };
  assert.equal(await race([after(500, 'slow'), loser, after(10, 'quick')]), 'quick');
  assert.deepEqual(seen, ['cleaned up']);
  assert.equal(clock.now() - began, 30);
});

test('a failure decides as well as a value does', async () => {
  const failure = new Error('first');
  await assert.rejects(race([after(20, 'late'), failAfter(10, failure)]), (error) => error === failure);
});

test('of those that end in the same turn the first decides', async () => {
  assert.equal(await race([after(10, 'a'), after(10, 'b')]), 'a');
  assert.equal(await race([() => 'at once', () => 'as well']), 'at once');
});

test('in a generator, with yield*', async () => {
  assert.equal(
    await race([
      function* () {
        return yield* race([after(2, 'inner'), failAfter(5, new Error('never'))]);
      },
    ]),
    'inner',
  );
});

test('what losers throw: late, if the first has succeeded', async () => {
  const [a, b] = [new Error('a'), new Error('b')];
  const late = await lateErrors(async () => {
    assert.equal(await race([after(10, 'won'), failsInCleanUp(5, a), failsInCleanUp(1, b)]), 'won');
  });
  assert.deepEqual(late, [b, a]);
});

test('what losers throw: behind the first failure, if that decided', async () => {
  const [first, a, b] = [new Error('first'), new Error('a'), new Error('b')];
  const late = await lateErrors(async () => {
    await assert.rejects(race([failAfter(10, first), failsInCleanUp(5, a), failsInCleanUp(1, b)]), (error) => error === first);
  });
  assert.deepEqual(late, []);
  assert.deepEqual(failuresOf(first), [first, b, a]);
});

test('the signal of the winner does not abort, that of a loser does', async () => {
  const signals: AbortSignal[] = [];
  const keep = (ms: number) => async () => {
    signals.push(currentSignal() as AbortSignal);
    await sleep(ms);
  };
  await race([keep(20), keep(10)]);
  assert.deepEqual(
    signals.map((signal) => signal.aborted),
    [true, false],
  );
  assert.equal(signals[0].reason.name, 'AbortError');
});

test('cancelled from outside it cancels all and waits for them', async () => {
  const seen: string[] = [];
  const careful = async () => {
    try {
      await sleep(1000);
    } finally {
      await withShield(() => sleep(5));
      seen.push('cleaned up');
    }
  };
  const began = clock.now();
  await assert.rejects(
    withTimeout(10, () => race([careful, careful])),
    { name: 'TimeoutError' },
  );
  assert.deepEqual(seen, ['cleaned up', 'cleaned up']);
  assert.equal(clock.now() - began, 15);
  const future = race([careful]);
  clock.after(1, () => future.cancel('enough'));
  await assert.rejects(future, { name: 'AbortError', reason: 'enough' });
  assert.equal(future.state, 'cancelled');
});

test('a value that was decided is not lost if a cancellation comes before the losers have ended', async () => {
  const seen: unknown[] = [];
  await withCancelScope(async (scope) => {
    clock.after(15, () => scope.cancel());
    seen.push(await race([after(10, 'won'), failsInCleanUp(10, new DOMException('stopped', 'AbortError'))]));
    await sleep(1);
    seen.push('never');
  });
  assert.deepEqual(seen, ['won']);
});

test('one that swallows a cancellation from outside and returns has won', async () => {
  const value = await withCancelScope((scope) => {
    clock.after(5, () => scope.cancel());
    return race([() => sleep(100).catch(() => 'swallowed'), after(100, 'never')]);
  });
  assert.equal(value, 'swallowed');
});

test('one that is cancelled alone has ended too, and decides', async () => {
  const lonely = async () => {
    currentTask()?.cancel('alone');
    await sleep(1);
  };
  await assert.rejects(race([after(10, 'never'), lonely]), { name: 'AbortError', reason: 'alone' });
});

test('a task spawned by one of them into their group is waited for, and a failure of it counts', async () => {
  const spawns = async () => {
    currentTask()?.group?.spawn(failAfter(1, new Error('spawned')) as () => unknown);
    await sleep(10);
  };
  await assert.rejects(race([spawns]), { message: 'spawned' });
});

test('an empty list is refused', () => {
  assert.throws(() => race([]), { code: 'MEANTIME_OPTION', message: /at least one function/ });
});
