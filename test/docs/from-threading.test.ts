// Holds docs/from-threading.md to what it says: it has every name of threading, and what it names instead exists.
import * as asyncHooks from 'node:async_hooks';
import * as inspector from 'node:inspector';
import * as everyday from 'meantime';
import * as tasks from 'meantime/tasks';
import * as threads from 'meantime/threads';
import { holdPage } from './hold-page.js';
import { names, question } from './threading-names.js';

holdPage({
  path: 'docs/from-threading.md',
  names,
  question,
  doors: { ...everyday, ...threads, tasks, inspector, async_hooks: asyncHooks, process },
  types: [],
  async things() {
    const thread = threads.Thread.start(() => 'done');
    await thread.join();
    const timer = threads.Timer.once(0, () => undefined);
    timer.cancel();
    const lock = new threads.SharedLock();
    const condition = new threads.SharedCondition();
    return {
      thread,
      timer,
      lock,
      condition,
      guard: lock.tryAcquire(),
      reentrant: new threads.SharedReentrantLock(),
      conditionGuard: condition.tryAcquire(),
      semaphore: new threads.SharedSemaphore(1),
      event: new threads.SharedEvent(),
      barrier: new threads.SharedBarrier(2),
      queue: new threads.SharedQueue(1),
    };
  },
});
