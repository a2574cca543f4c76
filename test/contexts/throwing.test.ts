import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AutoExecutor, compare } from 'meantime/advisor';
import { list, map, runJob } from 'meantime/batch';
import { FutureSource, whenSettled } from 'meantime/futures';
import { connect, Listener, ProcessCondition } from 'meantime/processes';
import { Condition, defer, onLateError, race, retry, run, TaskExecutor } from 'meantime/tasks';
import { SharedCondition, ThreadPoolExecutor, Timer } from 'meantime/threads';

/* Every callback, one that throws and one whose promise rejects: what belongs to a run breaks it, what does not is told once. */

const oops = new Error('of the callback');
// biome-ignore lint/suspicious/noExplicitAny: it is given to every kind of callback
type Fails = (...args: any[]) => never;
const ways: Record<string, Fails> = {
  throws: () => {
    throw oops;
  },
  rejects: (async () => {
    throw oops;
  }) as unknown as Fails,
};
const isOops = (error: unknown) => error === oops;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What is reported as uncaught while `act` runs, and a little later. */
async function uncaught(act: () => unknown): Promise<unknown[]> {
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const told: unknown[] = [];
  const listen = (error: unknown) => void told.push(error);
  process.on('uncaughtException', listen);
  try {
    await act();
    for (let i = 0; i < 5; i++) await turn();
  } finally {
    process.off('uncaughtException', listen);
    for (const other of others) process.on('uncaughtException', other);
  }
  return told;
}

const dir = mkdtempSync(join(tmpdir(), 'callbacks-'));
after(() => rmSync(dir, { recursive: true }));
let files = 0;
const failing = () => {
  throw new Error('of the function');
};
const slow = (n: number) => new Promise((resolve) => setTimeout(resolve, 2, n));
const inputs = Array.from({ length: 50 }, (_, i) => i);

const breaks: Record<string, (fails: Fails) => unknown> = {
  'map: onProgress': (fails) => map(slow, inputs, { on: 'tasks', onProgress: fails }),
  'map, read one by one: onProgress': async (fails) => {
    for await (const _ of map(slow, inputs, { on: 'tasks', onProgress: fails }));
  },
  'map: onDecision': (fails) => {
    const outside = 1; // what cannot travel is a decision
    return map((n) => slow(n + outside), inputs, { isolate: true, onDecision: fails });
  },
  'compare: onProgress': (fails) => compare(slow, [1, 2], { on: 'tasks', rounds: 1, advice: false, onProgress: fails }),
  'retry: when': (fails) => retry(failing, { delay: 0, when: fails }),
  'retry: delay': (fails) => retry(failing, { delay: fails }),
  'retry: onRetry': (fails) => retry(failing, { delay: 0, onRetry: fails }),
  'Condition: waitFor': (fails) => new Condition().with((guard) => guard.waitFor(fails)),
  'SharedCondition: waitFor': (fails) => new SharedCondition().with((guard) => guard.waitFor(fails)),
  'ProcessCondition: waitFor': (fails) => new ProcessCondition().with((guard) => guard.waitFor(fails)),
  defer: (fails) => run(async () => defer(fails)),
  'Timer.once': (fails) => Timer.once(1, fails).finished,
  'Timer.every': (fails) => Timer.every(1, fails).finished,
  onCancel: (fails) => {
    const source = new FutureSource<number>();
    source.onCancel(fails);
    source.future.cancel();
    return source.future;
  },
  'the inputs of a map': async (fails) => {
    const executor = new TaskExecutor();
    try {
      await executor.map(slow, { [Symbol.asyncIterator]: () => ({ next: fails }) });
    } finally {
      await executor.shutdown();
    }
  },
};
for (const [name, make] of Object.entries(breaks)) {
  for (const [way, fails] of Object.entries(ways)) {
    if (way === 'rejects' && name.endsWith('waitFor')) continue; // a predicate that gives a promise is an OptionError
    test(`${name} ${way}: what it belongs to fails with that error, and nothing is uncaught`, { timeout: 60_000 }, async () => {
      const told = await uncaught(() => assert.rejects(async () => await make(fails), isOops));
      assert.deepEqual(told, []);
    });
  }
}

for (const name of ['onStart', 'onProgress', 'onFailure'] as const) {
  for (const [way, fails] of Object.entries(ways)) {
    for (const retries of [0, 1]) {
      test(`runJob: ${name} ${way}, with ${retries} retries: the job is broken, and its output is whole`, { timeout: 60_000 }, async () => {
        const out = join(dir, `${++files}.jsonl`);
        const executor = new ThreadPoolExecutor({ workers: 1 });
        await executor.submit(slow, 1);
        let calls = 0;
        const fn = (n: number) => {
          if (n % 2 === 1) throw new Error('odd');
          return n;
        };
        const told = await uncaught(async () => {
          const options = { fn, source: list(inputs), out, on: executor, retries, backoff: 1, progressEvery: 0 };
          const callback = (...args: unknown[]) => {
            calls++;
            return fails(...args);
          };
          const report = await runJob({ ...options, [name]: callback });
          assert.equal(report.state, 'broken');
          assert.equal(report.error, oops);
          assert.equal(calls, 1);
          const lines = readFileSync(out, 'utf8').split('\n').filter(Boolean);
          assert.equal(new Set(lines.map((line) => JSON.parse(line).index)).size, lines.length);
          const resumed = await runJob({ ...options, resume: true });
          assert.equal(resumed.state, 'finished');
          assert.equal(readFileSync(out, 'utf8').trimEnd().split('\n').length, inputs.length);
        });
        assert.deepEqual(told, []);
        await executor.shutdown();
      });
    }
  }
}

const tells: Record<string, (fails: Fails) => unknown> = {
  whenSettled: (fails) => {
    const source = new FutureSource<number>();
    const seen: string[] = [];
    whenSettled(source.future, fails);
    whenSettled(source.future, ({ state }) => seen.push(state));
    source.fulfil(1);
    assert.deepEqual(seen, ['fulfilled']);
  },
  'whenSettled, of what has settled': (fails) => {
    const source = new FutureSource<number>();
    source.fulfil(1);
    whenSettled(source.future, fails);
  },
  onLateError: async (fails) => {
    const restore = onLateError(fails);
    const won = await race([
      async () => 'first',
      async () => {
        throw new Error('late');
      },
    ]);
    restore();
    assert.equal(won, 'first');
  },
  'AutoExecutor: onDecision': async (fails) => {
    const outside = 1;
    const executor = new AutoExecutor({ maxWorkers: 1, onDecision: fails });
    const values = await executor.map((n: number) => n + outside, [1, 2]);
    await executor.submit(() => outside);
    await executor.shutdown();
    assert.deepEqual([values, executor.decisions().length], [[2, 3], 1]);
  },
  'Listener: onRefused': async (fails) => {
    const listener = await Listener.open({ key: randomBytes(32), onRefused: fails });
    await connect(listener.path, { key: randomBytes(32) }).catch(() => undefined);
    await listener.close();
  },
};
for (const [name, act] of Object.entries(tells)) {
  for (const [way, fails] of Object.entries(ways)) {
    test(`${name} ${way}: everything else goes on, and it is told once`, { timeout: 60_000 }, async () => {
      assert.deepEqual(await uncaught(() => act(fails)), [oops]);
    });
  }
}
