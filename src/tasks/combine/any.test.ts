import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clock, currentSignal, onLateError, useClock, VirtualClock } from '../../core/index.js';
import { currentTask } from '../current-task.js';
import { sleep } from '../sleep.js';
import { withCancelScope } from '../with-cancel-scope.js';
import { withShield } from '../with-shield.js';
import { withTimeout } from '../with-timeout.js';
import { any } from './any.js';

useClock(new VirtualClock());

const after =
  <T>(ms: number, value: T) =>
  async () => {
    await sleep(ms);
    return value;
  };
const failAfter = (ms: number, text: string) =>
  function* (): Generator<unknown, never, never> {
    yield* sleep(ms);
    throw new Error(text);
  };
const failsInCleanUp = (ms: number, text: string) => async () => {
  await sleep(10_000).catch(() => withShield(() => sleep(ms)));
  throw new Error(text);
};
async function lateErrors(fn: () => PromiseLike<unknown>): Promise<string[]> {
  const late: string[] = [];
  const restore = onLateError((error) => late.push(String(error)));
  try {
    await fn();
  } finally {
    restore();
  }
  return late;
}

test('the first success counts, whatever failed before it; the others are cancelled and waited for', async () => {
  const seen: string[] = [];
  const loser = async () => {
    try {
      await sleep(1000);
    } finally {
      await withShield(() => sleep(20));
      seen.push('cleaned up');
    }
  };
  const began = clock.now();
  const late = await lateErrors(async () => {
    assert.equal(await any([failAfter(1, 'a'), after(10, 'won'), loser, after(20, 'late')]), 'won');
  });
  assert.deepEqual([seen, late], [['cleaned up'], []]);
  assert.equal(clock.now() - began, 30);
});

test('if all fail, their errors come in the order of the functions', async () => {
  await assert.rejects(any([failAfter(3, 'a'), failAfter(1, 'b'), failAfter(2, 'c')]), (error: AggregateError) => {
    assert.ok(error instanceof AggregateError);
    assert.deepEqual(error.errors.map(String), ['Error: a', 'Error: b', 'Error: c']);
    assert.match(error.message, /^All 3 functions of any have failed/);
    return true;
  });
});

test('in a generator, with yield*', async () => {
  const inner = function* () {
    return yield* any([failAfter(1, 'a'), after(2, 'b')]);
  };
  assert.equal(await any([inner]), 'b');
});

test('what a loser throws after the first success is told as late', async () => {
  const late = await lateErrors(async () => {
    assert.equal(await any([after(10, 'won'), failsInCleanUp(5, 'clean-up')]), 'won');
  });
  assert.deepEqual(late, ['Error: clean-up']);
});

test('the signal of the winner does not abort', async () => {
  let signal: AbortSignal | undefined;
  const winner = async () => {
    signal = currentSignal();
    await sleep(1);
  };
  await any([winner, after(10, 'late')]);
  assert.equal(signal?.aborted, false);
});

test('cancelled from outside it waits for all; one that fails only then is told as late', async () => {
  const began = clock.now();
  const late = await lateErrors(async () => {
    const limited = withTimeout(10, () => any([after(1000, 'never'), failAfter(1, 'early'), failsInCleanUp(5, 'clean-up')]));
    await assert.rejects(limited, { name: 'TimeoutError' });
  });
  assert.deepEqual(late, ['Error: clean-up']);
  assert.equal(clock.now() - began, 15);
});

test('if the cancellation makes all of them fail, that is what it throws', async () => {
  const seen: string[] = [];
  await withCancelScope(async (scope) => {
    clock.after(5, () => scope.cancel());
    await any([failsInCleanUp(1, 'a'), failsInCleanUp(1, 'b')]).catch((error) => seen.push(error.errors.join()));
  });
  assert.deepEqual(seen, ['Error: a,Error: b']);
});

test('its own cancellation leaves it cancelled', async () => {
  const future = any([after(100, 'never')]);
  clock.after(1, () => future.cancel('enough'));
  await assert.rejects(future, { name: 'AbortError', reason: 'enough' });
  assert.equal(future.state, 'cancelled');
});

test('one that is cancelled alone has failed', async () => {
  const lonely = async () => {
    currentTask()?.cancel('alone');
    await sleep(1);
  };
  assert.equal(await any([lonely, after(5, 'won')]), 'won');
  await assert.rejects(any([lonely]), (error: AggregateError) => error.errors[0].reason === 'alone');
});

test('an empty list is refused', () => {
  assert.throws(() => any([]), { code: 'MEANTIME_OPTION', message: /at least one function/ });
});
