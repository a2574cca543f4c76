import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { AutoExecutor, compare } from 'meantime/advisor';
import { list, map, runJob } from 'meantime/batch';
import { type Executor, type Future, FutureSource, whenSettled } from 'meantime/futures';
import { connect, Listener, Manager, ProcessCondition, ProcessLock, ProcessPoolExecutor } from 'meantime/processes';
import {
  Condition,
  currentSignal,
  defer,
  gather,
  Lock,
  onLateError,
  PriorityQueue,
  Queue,
  RateLimiter,
  race,
  retry,
  run,
  Semaphore,
  sleep,
  TaskExecutor,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';
import { SharedCondition, SharedLock, ThreadPoolExecutor, Timer } from 'meantime/threads';

/*
 * Each row registers callbacks within store A; what it registers them with was used first within B, and what makes them be
 * called happens within C. All have to see A.
 */

const storage = new AsyncLocalStorage<string>();
type See = () => void;
type Row<T, M> = {
  /** Makes, and uses first, what is long-lived. In store B. */
  first?: () => T | Promise<T>;
  /** In store A. */
  register(see: See, made: T): M | Promise<M>;
  /** In store C. */
  cause?(registered: M, made: T): unknown;
  end?(made: T): unknown;
};
const rows: Record<string, Row<never, never>> = {};
const row = <T, M>(name: string, of: Row<T, M>) => {
  rows[name] = of as unknown as Row<never, never>;
};

const double = (n: number) => 2 * n;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const spied = (see: See) => async (n: number) => {
  see();
  await turn();
  see();
  return n;
};
/** Inputs each step of which, and whose end, looks at the store. */
function* steps(see: See) {
  try {
    for (let i = 0; i < 5; i++) {
      see();
      yield i;
    }
  } finally {
    see();
  }
}
async function* stepsLater(see: See) {
  for (const each of steps(see)) {
    await turn();
    see();
    yield each;
  }
}

// --- futures

row('whenSettled', {
  first: () => new FutureSource<number>(),
  register: (see, source) => void whenSettled(source.future, see),
  cause: (_, source) => source.fulfil(1),
});
row('onCancel', {
  first: () => new FutureSource<number>(),
  register: (see, source) => source.onCancel(see),
  cause: (_, source) => source.future.cancel(),
  end: (source) => source.fulfil(1),
});
for (const method of ['then', 'catch', 'finally'] as const) {
  row(`${method} of a Future`, {
    first: () => {
      const source = new FutureSource<number>();
      source.future.then(
        () => undefined,
        () => undefined,
      );
      return source;
    },
    register: (see, source) => {
      (method === 'catch' ? source.future.catch(see) : source.future[method](see)).catch(() => undefined);
    },
    cause: async (_, source) => {
      if (method === 'catch') source.reject(new Error('no'));
      else source.fulfil(1);
      await turn();
    },
  });
}

// --- executors

const executors: Record<string, () => Executor> = {
  TaskExecutor: () => new TaskExecutor({ concurrency: 2 }),
  ThreadPoolExecutor: () => new ThreadPoolExecutor({ workers: 1 }),
  ProcessPoolExecutor: () => new ProcessPoolExecutor({ workers: 1 }),
  AutoExecutor: () => new AutoExecutor({ maxWorkers: 1 }),
};
for (const [name, make] of Object.entries(executors)) {
  const base = {
    first: async () => {
      const executor = make();
      await executor.submit(double, 1);
      return executor;
    },
    end: (executor: Executor) => executor.shutdown(),
  };
  row(`${name}: whenSettled`, {
    ...base,
    register: (see, executor) => {
      const future = executor.submit(double, 1);
      whenSettled(future, see);
      return { future };
    },
    cause: async ({ future }) => await future,
  });
  row(`${name}: inputs of a map that is awaited elsewhere`, {
    ...base,
    register: (see, executor) => ({ results: executor.map(double, steps(see)) }),
    cause: async ({ results }) => await results,
  });
  row(`${name}: inputs that come later, of a map that is read elsewhere and left`, {
    ...base,
    register: (see, executor) => ({ results: executor.map(double, stepsLater(see), { buffer: 1 }) }),
    cause: async ({ results }) => {
      for await (const _ of results) break;
    },
  });
}
row('TaskExecutor: functions of submit, map and stream', {
  first: async () => {
    const executor = new TaskExecutor({ concurrency: 1 });
    await executor.submit(double, 1);
    return executor;
  },
  register: (see, executor) => {
    const submitted = executor.with({ retries: 1 }).submit(async () => {
      see();
      await turn();
      see();
      throw new Error('again');
    });
    submitted.catch(() => undefined);
    const spy = spied(see);
    return {
      submitted,
      results: executor.map(spy, [1, 2, 3]),
      single: executor.map(spy, [1, 2, 3], { retries: 1 }),
      stream: executor.stream(() => steps(see)),
    };
  },
  cause: async ({ submitted, results, single, stream }, executor) => {
    await executor.submit(double, 1);
    await Promise.allSettled([submitted, results, single]);
    for await (const _ of stream) await turn();
  },
  end: (executor) => executor.shutdown(),
});
row('listeners of currentSignal()', {
  first: () => new TaskExecutor(),
  register: (see, executor) => {
    const future = executor.submit(async () => {
      currentSignal()?.addEventListener('abort', see);
      await sleep(60_000);
    });
    future.catch(() => undefined);
    return { future };
  },
  cause: async ({ future }) => {
    await turn();
    future.cancel();
    await future.catch(() => undefined);
  },
  end: (executor) => executor.shutdown(),
});
row('listeners of currentSignal() at a time limit', {
  register: (see) => {
    const future = withTimeout(5, async () => {
      currentSignal()?.addEventListener('abort', see);
      await sleep(60_000);
    });
    return { settled: future.catch(() => undefined) };
  },
  cause: async ({ settled }) => await settled,
});
row('AutoExecutor: onDecision', {
  register: (see) =>
    new AutoExecutor({
      isolate: true,
      start: { on: 'threads', workers: 1, concurrency: 1 },
      maxWorkers: 1,
      onDecision: see,
    }) as AutoExecutor,
  cause: async (executor: AutoExecutor) => {
    const outside = 1; // what cannot travel is a decision
    await executor.submit(() => outside);
    await executor.shutdown();
  },
});

// --- batch

for (const [name, options] of Object.entries({
  plain: {},
  'with progress': { onProgress: () => undefined },
  'with retries': { retries: 1, backoff: 1 },
  'with a rate': { rate: 1000, ordered: true },
})) {
  row(`map, ${name}`, {
    register: (see) => {
      let calls = 0;
      const spy = spied(see);
      const fn = async (n: number) => {
        await spy(n);
        if (calls++ === 0 && 'retries' in options) throw new Error('once more');
      };
      return { results: [steps, stepsLater].map((inputs) => map(fn, inputs(see), { on: 'tasks', concurrency: 2, ...options })) };
    },
    cause: async ({ results }) => {
      for await (const _ of results[0]) await turn();
      await results[1];
    },
  });
}
row('map: onProgress', {
  register: (see) => ({ results: map(spied(see), [1, 2, 3], { on: 'tasks', onProgress: see }) }),
  cause: async ({ results }) => await results,
});
row('runJob: onStart, onProgress, onFailure', {
  first: async () => {
    const executor = new ThreadPoolExecutor({ workers: 1 });
    await executor.submit(double, 1);
    return executor;
  },
  register: async (see, executor) => {
    const fn = () => {
      throw new Error('no');
    };
    const common = { errors: '/dev/null', onStart: see, onProgress: see, onFailure: see, progressEvery: 1 };
    await runJob({ fn, source: list([1, 2, 3]), on: executor, retries: 1, backoff: 1, ...common });
  },
  end: (executor) => executor.shutdown(),
});

// --- tasks

row('retry: fn, when, delay, onRetry', {
  register: (see) => ({
    retrying: retry(
      async () => {
        see();
        await turn();
        see();
        throw new Error('no');
      },
      {
        attempts: 2,
        when: () => {
          see();
          return true;
        },
        delay: () => {
          see();
          return 1;
        },
        onRetry: see,
      },
    ).catch(() => undefined),
  }),
  cause: async ({ retrying }) => await retrying,
});
row('RateLimiter.with', {
  first: async () => {
    const limiter = new RateLimiter({ limit: 1, per: 5 });
    await limiter.acquire();
    return limiter;
  },
  register: (see, limiter) => ({ block: limiter.with(see) }),
  cause: async ({ block }) => await block,
});

interface Held {
  release(): void;
}
interface LockLike {
  acquire(): PromiseLike<Held>;
  with(fn: () => unknown): PromiseLike<unknown>;
}
const locks: Record<string, () => LockLike> = {
  Lock: () => new Lock(),
  Semaphore: () => new Semaphore(1) as unknown as LockLike,
  Condition: () => new Condition(),
  SharedLock: () => new SharedLock(),
  SharedCondition: () => new SharedCondition(),
  ProcessLock: () => new ProcessLock(),
  ProcessCondition: () => new ProcessCondition(),
};
for (const [name, make] of Object.entries(locks)) {
  row(`${name}.with, a function and a generator function`, {
    first: async () => {
      const lock = make();
      return { lock, guard: await lock.acquire() };
    },
    register: async (see, { lock }) => {
      const blocks = [
        lock.with(spied(see) as () => unknown),
        lock.with(function* () {
          see();
          yield* sleep(1);
          see();
        }),
      ];
      await turn();
      return { blocks };
    },
    cause: async ({ blocks }, { guard }) => {
      guard.release();
      await Promise.all(blocks);
    },
  });
}
for (const Kind of [Condition, SharedCondition, ProcessCondition]) {
  row(`${Kind.name}: the predicate of waitFor`, {
    first: () => new Kind(),
    register: async (see, condition) => {
      let looks = 0;
      const waiting = condition.with(async (guard) => {
        await guard.waitFor(() => {
          see();
          return ++looks > 1;
        });
      });
      await turn();
      return { waiting };
    },
    cause: async ({ waiting }, condition) => {
      await condition.with((guard) => guard.notifyAll());
      await waiting;
    },
  });
}
row('defer, also of several in one scope', {
  register: (see) => ({
    running: run(async () => {
      storage.run('D', () =>
        defer(() => {
          assert.equal(storage.getStore(), 'D');
        }),
      );
      defer(spied(see) as () => unknown);
      defer(function* () {
        see();
        yield* sleep(1);
        see();
      });
    }),
  }),
  cause: async ({ running }) => await running,
});
row('spawn, gather, race', {
  register: (see) => {
    const spy = spied(see);
    return {
      all: [
        withTaskGroup((group) => void group.spawn(spy, 1)),
        gather([() => spy(1), () => spy(2)], { concurrency: 1 }),
        race([() => spy(1)]),
      ],
    };
  },
  cause: async ({ all }) => await Promise.all(all as Future<unknown>[]),
});
row('onLateError', {
  register: (see) => ({ restore: onLateError(see) }),
  cause: async ({ restore }) => {
    await race([
      async () => 'first',
      async () => {
        throw new Error('late');
      },
    ]);
    restore();
  },
});
row('the order of a PriorityQueue', {
  register: (see) =>
    new PriorityQueue<number>(4, {
      before: (a, b) => {
        see();
        return a < b;
      },
    }),
  cause: async (queue: Queue<number>) => {
    await queue.put(2);
    await queue.put(1);
    await queue.get();
  },
});
row('for await over a Queue', {
  first: () => new Queue<number>(1),
  register: (see, queue) => ({
    reading: (async () => {
      for await (const _ of queue) see();
    })(),
  }),
  cause: async ({ reading }, queue) => {
    await queue.put(1);
    queue.close();
    await reading;
  },
});

// --- threads, processes, advisor

row('Timer', {
  register: (see) => [
    Timer.once(1, see),
    Timer.every(1, async (tick) => {
      see();
      if (tick === 3) throw new Error('enough');
    }),
  ],
  cause: async (timers: Timer[]) => await Promise.allSettled(timers.map((timer) => timer.finished)),
});
row('Listener: onRefused', {
  register: async (see) => await Listener.open({ key: randomBytes(32), onRefused: see }),
  cause: async (listener: Listener) => {
    await connect(listener.path, { key: randomBytes(32) }).catch(() => undefined);
    await turn();
    await listener.close();
  },
});
row('Manager: methods of an object of this thread', {
  first: () => new Manager(),
  register: async (see, manager) => {
    class Seeing {
      look() {
        see();
      }
    }
    const object = await manager.create(Seeing);
    await object.look();
  },
  end: (manager) => manager.shutdown(),
});
row('compare: onProgress', {
  register: (see) => ({ comparing: compare(double, [1, 2], { on: 'tasks', rounds: 1, advice: false, onProgress: see }) }),
  cause: async ({ comparing }) => await comparing,
});

for (const [name, { first, register, cause, end }] of Object.entries(rows) as [string, Row<unknown, unknown>][]) {
  test(`${name}: called in the context where it was registered`, { timeout: 60_000 }, async () => {
    const seen: (string | undefined)[] = [];
    const see = () => {
      seen.push(storage.getStore());
    };
    const made = await storage.run('B', async () => await first?.());
    const registered = await storage.run('A', async () => await register(see, made));
    await storage.run('C', async () => {
      await cause?.(registered, made);
    });
    await storage.run('C', async () => {
      await end?.(made);
    });
    assert.ok(seen.length > 0, 'it was called');
    assert.deepEqual([...new Set(seen)], ['A']);
  });
}
