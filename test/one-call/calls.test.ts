import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text as textOf } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Future, isFuture } from 'meantime/futures';
import { withTaskGroup } from 'meantime/tasks';
import { linesOf } from '../fixtures/calls/calls.js';
import { file, until } from '../fixtures/calls/pools.js';
import { add, coroutine, fail, forEver, leaveTimer, untilAborted } from '../fixtures/one-call/calls.js';
import { kinds } from './kinds.js';

for (const { kind, Kind } of kinds) {
  test(`${kind}: it is a Future of its call, and ends after it`, async () => {
    const one = Kind.start(add, 1, 2);
    assert.ok(isFuture(one));
    assert.match(one.name, /-\d+ \(add\)$/);
    assert.equal(one.settled, false);
    assert.throws(() => one.result(), { code: 'MEANTIME_NOT_SETTLED' });
    assert.equal(await one, 3);
    assert.equal(one.state, 'fulfilled');
    assert.equal(one.result(), 3);
    assert.equal(one.cancel(), false);
    await one.join();
  });

  test(`${kind}: promises and coroutines are waited for, and yield* takes it`, async () => {
    assert.equal(await Kind.start(coroutine, 4), 8);
    const value = await withTaskGroup(function* () {
      return (yield* Kind.start(add, 2, 3)) + 1;
    });
    assert.equal(value, 6);
  });

  test(`${kind}: a failure is that of the call, with both stacks`, async () => {
    const one = Kind.start(fail);
    await assert.rejects(
      async () => await one,
      (error: Error) => {
        assert.equal(error.name, 'RangeError');
        assert.match(String(error.stack), /at fail .*[\s\S]*calls\.test\.js/);
        return true;
      },
    );
    await one.join(); // not its failure's
    assert.equal(one.state, 'rejected');
  });

  test(`${kind}: a failure that nobody looks at is an unhandledRejection, also if somebody joins; an end that was asked for is none`, async () => {
    const program = fileURLToPath(new URL('../../../test/fixtures/one-call/unhandled.mjs', import.meta.url));
    const child = spawn(process.execPath, [program, kind], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [text, [code]] = await Promise.all([textOf(child.stdout), once(child, 'close')]);
    const lost = kind === 'process' ? 'WorkerLostError SIGKILL\n' : '';
    assert.equal(text, `RangeError on purpose\n${lost}`);
    assert.equal(code, 0);
  });

  test(`${kind}: what the call leaves behind ends with it`, async () => {
    const ticks = file();
    const one = Kind.start(leaveTimer, ticks);
    assert.equal(await one, 'left');
    await one.join(5000);
    const { length } = linesOf(ticks);
    await new Promise((resolve) => setTimeout(resolve, 30)); // the time in which it would tick
    assert.equal(linesOf(ticks).length, length);
  });

  test(`${kind}: cancelling aborts the signal of the call, and settles it at once`, async () => {
    const noted = file();
    const one = Kind.start(untilAborted, noted);
    await until('it waits', () => linesOf(noted).length === 1);
    assert.equal(one.state, 'running');
    assert.equal(one.cancel('enough'), true);
    assert.equal(one.state, 'cancelled');
    await assert.rejects(async () => await one, { name: 'AbortError', reason: 'enough' });
    await one.join();
    assert.deepEqual(linesOf(noted), ['waits', 'AbortError']);
  });

  test(`${kind}: one that does not let go is ended after its grace`, async () => {
    const noted = file();
    const one = Kind.with({ grace: 50 }).start(forEver, noted);
    await until('it waits', () => linesOf(noted).length === 1);
    const began = performance.now();
    one.cancel();
    await assert.rejects(one.join(1), { name: 'TimeoutError', code: 'MEANTIME_TIMEOUT' });
    await one.join();
    assert.ok(performance.now() - began >= 45, 'it had its grace');
  });

  test(`${kind}: cancelled before it began it never runs`, async () => {
    const noted = file();
    const one = Kind.start(forEver, noted);
    one.cancel();
    await one.join();
    assert.deepEqual(linesOf(noted), []);
    assert.equal(one.state, 'cancelled');
  });

  test(`${kind}: a signal cancels it; one that has aborted starts nothing`, async () => {
    const noted = file();
    const controller = new AbortController();
    const one = Kind.with({ signal: controller.signal }).start(untilAborted, noted);
    await until('it waits', () => linesOf(noted).length === 1);
    controller.abort();
    await assert.rejects(async () => await one, { name: 'AbortError' });
    await one.join();
    const late = Kind.with({ signal: controller.signal }).start(add, 1, 2);
    await assert.rejects(async () => await late, { name: 'AbortError' });
    await late.join();
    assert.equal('pid' in late ? late.pid : late.threadId, undefined);
  });

  test(`${kind}: the time limit counts from its start over there, the deadline from here`, async () => {
    const noted = file();
    const one = Kind.with({ timeout: 30 }).start(untilAborted, noted);
    await assert.rejects(async () => await one, { name: 'TimeoutError', message: /untilAborted ran longer than 30 ms/ });
    await one.join();
    assert.deepEqual(linesOf(noted), ['waits', 'TimeoutError']);
    const late = Kind.with({ deadline: 1, grace: 0 }).start(forEver, file());
    await assert.rejects(async () => await late, { name: 'TimeoutError', message: /1 ms after its submission/ });
    await late.join();
  });

  test(`${kind}: it is cancelled with the task that started it`, async () => {
    const noted = file();
    let one: { join(): PromiseLike<void>; readonly state: string } | undefined;
    await withTaskGroup(async (group) => {
      group.spawn(async () => {
        const started = Kind.start(untilAborted, noted);
        one = started;
        await started;
      });
      await until('it waits', () => linesOf(noted).length === 1);
      group.cancel();
    });
    await one?.join();
    assert.equal(one?.state, 'cancelled');
  });

  test(`${kind}: at the end of its block it is cancelled and gone`, async () => {
    const noted = file();
    let one: Future<never>;
    {
      await using scoped = Kind.start(untilAborted, noted);
      one = scoped;
      await until('it waits', () => linesOf(noted).length === 1);
    }
    assert.equal(one.state, 'cancelled');
    assert.deepEqual(linesOf(noted), ['waits', 'AbortError']);
    {
      await using done = Kind.start(add, 1, 2);
      assert.equal(await done, 3);
    }
  });

  test(`${kind}: a join can be cancelled, and takes nothing with it`, async () => {
    const noted = file();
    const one = Kind.start(forEver, noted);
    const joining = one.join();
    joining.cancel();
    await assert.rejects(async () => await joining, { name: 'AbortError' });
    assert.equal(one.settled, false);
    await one.terminate();
    await one.join(); // at once, and again
    await one.join(0);
  });
}
