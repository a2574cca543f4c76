// What each option takes is one rule, at every door: taken with the same meaning, or an OptionError that says what was expected and what came.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AutoExecutor, isMain, map, OptionError } from 'meantime';
import { Listener, Manager, Process, ProcessPoolExecutor, ProcessQueue, ProcessSemaphore } from 'meantime/processes';
import { gather, Queue, retry, Semaphore, TaskExecutor } from 'meantime/tasks';
import { SharedQueue, SharedSemaphore, Thread, ThreadPoolExecutor } from 'meantime/threads';
import { count, environmentOf, identity } from './fixtures/options.js';

const strange: Record<string, unknown> = {
  NaN: Number.NaN,
  '-Infinity': Number.NEGATIVE_INFINITY,
  Infinity: Number.POSITIVE_INFINITY,
  '-0': -0,
  '0': 0,
  '-1': -1,
  '1.5': 1.5,
  "'3'": '3',
  '3n': 3n,
  null: null,
  true: true,
  '{}': {},
  '[3]': [3],
  'a symbol': Symbol('s'),
  'an object without text': Object.create(null),
  '2 ** 53': 2 ** 53,
  '2 ** 31': 2 ** 31,
};

/** What is taken beside sound numbers, by what kind of number an option is. */
const rules = {
  count: ['2 ** 31'],
  limit: ['2 ** 31', 'Infinity'],
  limitFrom0: ['2 ** 31', 'Infinity', '0', '-0'],
  time: ['2 ** 31', '2 ** 53', 'Infinity', '0', '-0', '1.5'],
} as const;

type Make = (options: never) => unknown;
type Options = Record<string, keyof typeof rules>;

const pool: Options = {
  workers: 'count',
  concurrency: 'limit',
  idleTimeout: 'time',
  maxCallsPerWorker: 'limit',
  memoryLimit: 'limit',
  grace: 'time',
};
const call: Options = { timeout: 'time', deadline: 'time', retries: 'limitFrom0' };
const one: Options = { memoryLimit: 'limit', timeout: 'time', deadline: 'time', grace: 'time' };
const threads = new ThreadPoolExecutor();
const processes = new ProcessPoolExecutor();
const tasks = new TaskExecutor();
const auto = new AutoExecutor();

const doors: [name: string, make: Make, options: Options][] = [
  ['ThreadPoolExecutor', (o) => new ThreadPoolExecutor(o), pool],
  ['ProcessPoolExecutor', (o) => new ProcessPoolExecutor(o), { ...pool, killGrace: 'time' }],
  ['TaskExecutor', (o) => new TaskExecutor(o), { concurrency: 'limit' }],
  [
    'AutoExecutor',
    (o) => new AutoExecutor(o),
    { maxWorkers: 'count', maxConcurrency: 'limit', memoryLimit: 'limit', idleTimeout: 'time', maxCallsPerWorker: 'limit', grace: 'time' },
  ],
  [
    'AutoExecutor start',
    (o) => new AutoExecutor({ start: { workers: 1, concurrency: 1, ...(o as object) } }),
    { workers: 'count', concurrency: 'limit' },
  ],
  ...Object.entries({ threads, processes, tasks, auto }).map(([name, executor]): [string, Make, Options] => [
    `${name}.with`,
    (o) => executor.with(o),
    call,
  ]),
  ...Object.entries({ threads, processes, tasks, auto }).map(([name, executor]): [string, Make, Options] => [
    `${name}.map`,
    (o) => executor.map(identity, [], o),
    { ...call, chunk: 'count', buffer: 'count' },
  ]),
  ['map', (o) => map(identity, [], o), { retries: 'limitFrom0', timeout: 'time', chunk: 'count', buffer: 'count' }],
  [
    'map on threads',
    (o) => map(identity, [], { on: 'threads', ...(o as object) }),
    { workers: 'count', concurrency: 'limit', memoryLimit: 'limit' },
  ],
  ['map on auto', (o) => map(identity, [], o), { maxWorkers: 'count', maxConcurrency: 'limit' }],
  ['resize of threads', (o) => threads.resize(o), { workers: 'count', concurrency: 'limit' }],
  ['resize of processes', (o) => processes.resize(o), { workers: 'count', concurrency: 'limit' }],
  ['resize of tasks', (o) => tasks.resize(o), { concurrency: 'limit' }],
  ['Thread.with', (o) => Thread.with(o), one],
  ['Process.with', (o) => Process.with(o), { ...one, killGrace: 'time' }],
  ['gather', (o) => gather([], o), { concurrency: 'limit' }],
  ['retry', (o) => retry(() => 1, o), { attempts: 'limit', timeout: 'time', deadline: 'time' }],
  ['shutdown of tasks', (o) => new TaskExecutor().shutdown(o), { grace: 'time' }],
  ['shutdown of threads', (o) => new ThreadPoolExecutor().shutdown(o), { grace: 'time' }],
  ['shutdown of processes', (o) => new ProcessPoolExecutor().shutdown(o), { grace: 'time' }],
  ['shutdown of auto', (o) => new AutoExecutor().shutdown(o), { grace: 'time' }],
  ['ProcessQueue.get', (o) => filled().get(o), { timeout: 'time' }],
  ['SharedQueue.get', (o) => filledShared().get(o), { timeout: 'time' }],
];

/** What is given as it is, and not in an object of options. */
const given: [name: string, make: (value: never) => unknown, rule: keyof typeof rules][] = [
  ['Queue', (n) => new Queue(n), 'limit'],
  ['ProcessQueue', (n) => new ProcessQueue(n), 'limit'],
  ['Semaphore', (n) => new Semaphore(n), 'limit'],
  ['ProcessSemaphore', (n) => new ProcessSemaphore(n), 'count'],
];

function filled(): ProcessQueue<number> {
  const queue = new ProcessQueue<number>(1);
  void queue.put(1);
  return queue;
}

function filledShared(): SharedQueue<number> {
  const queue = new SharedQueue<number>(1);
  queue.tryPut(1);
  return queue;
}

async function outcome(run: () => unknown): Promise<unknown> {
  try {
    const made = run() as { return?(): unknown } | PromiseLike<unknown>;
    if (typeof (made as PromiseLike<unknown> | undefined)?.then === 'function') await made;
    return 'taken';
  } catch (error) {
    return error;
  }
}

for (const [door, make, options] of doors) {
  test(`${door}: strange numbers`, async () => {
    for (const [option, rule] of Object.entries(options)) {
      for (const [name, value] of Object.entries(strange)) {
        const came = await outcome(() => make({ [option]: value } as never));
        const where = `${door} { ${option}: ${name} }`;
        if ((rules[rule] as readonly string[]).includes(name)) assert.equal(came, 'taken', where);
        else {
          assert.ok(came instanceof OptionError, `${where}: ${String(came)}`);
          assert.match(came.message, new RegExp(`"${option}" expects `), where);
          assert.match(came.message, /, got \S/, where);
        }
      }
      assert.equal(await outcome(() => make({ [option]: undefined } as never)), 'taken', `${door} { ${option}: undefined }`);
      const inherited = Object.create({ [option]: 'nonsense' }) as never;
      assert.equal(await outcome(() => make(inherited)), 'taken', `${door}: an inherited ${option}`);
    }
    assert.equal(await outcome(() => make(undefined as never)), 'taken', `${door}: nothing given`);
    if (!door.includes('start') && !door.startsWith('map on')) {
      for (const wrong of [null, 7, 'text'])
        assert.ok((await outcome(() => make(wrong as never))) instanceof OptionError, `${door}: ${wrong}`);
    }
  });
}

for (const [door, make, rule] of given) {
  test(`${door}: strange numbers`, () => {
    for (const [name, value] of Object.entries(strange)) {
      const isSound = (rules[rule] as readonly string[]).includes(name);
      if (isSound) make(value as never);
      else assert.throws(() => make(value as never), { code: 'MEANTIME_OPTION', message: /expects .*, got / }, `${door} ${name}`);
    }
  });
}

test('SharedQueue and SharedSemaphore count in 32 bits, and have no number for no limit', () => {
  for (const [name, value] of Object.entries(strange)) {
    for (const Made of [SharedQueue, SharedSemaphore] as (new (
      n: never,
    ) => object)[])
      assert.throws(() => new Made(value as never), { code: 'MEANTIME_OPTION' }, `${Made.name} ${name}`);
  }
});

const kinds = {
  threads: (options: object) => new ThreadPoolExecutor({ workers: 1, ...options }),
  processes: (options: object) => new ProcessPoolExecutor({ workers: 1, ...options }),
};

for (const [name, make] of Object.entries(kinds)) {
  test(`${name}: Infinity is no limit`, async () => {
    await using unbounded = make({ memoryLimit: Number.POSITIVE_INFINITY, concurrency: Number.POSITIVE_INFINITY });
    const most = await Promise.all(Array.from({ length: 300 }, () => unbounded.submit(count)));
    assert.equal(Math.max(...most), 300, 'all at a time');
    unbounded.resize({ concurrency: 2 });
    unbounded.resize({ concurrency: Number.POSITIVE_INFINITY });
    assert.equal(await unbounded.submit(identity, 1), 1);
  });

  test(`${name}: of an environment, what is undefined or inherited is not there, and the rest is text`, async () => {
    const env = Object.assign(Object.create({ INHERITED: 'x' }), { A: 'a', B: undefined, C: 3, D: false, E: '' });
    const names = ['A', 'B', 'C', 'D', 'E', 'INHERITED', 'PATH'];
    const expected = { A: 'a', C: '3', D: 'false', E: '' };
    await using pool = make({ env });
    assert.deepEqual(await pool.submit(environmentOf, names), expected);
    const start = name === 'threads' ? Thread : Process;
    assert.deepEqual(await start.with({ env }).start(environmentOf, names), expected);
    for (const odd of [
      { A: null },
      { A: {} },
      { A: Symbol('s') },
      { A: 'a\0b' },
      { 'a=b': '1' },
      { '': '1' },
      ['a'],
      new Map(),
      null,
      'A=1',
    ]) {
      assert.throws(() => make({ env: odd }), { code: 'MEANTIME_OPTION', message: /"env" expects an object of variables/ }, String(odd));
    }
  });
}

test('the command line and a listener refuse what is no number of theirs', async () => {
  for (const maxMessage of [Number.NaN, 0, 1.5, '3', null]) {
    await assert.rejects(async () => await Listener.open({ key: 'a key that is long enough', maxMessage: maxMessage as never }), {
      code: 'MEANTIME_OPTION',
    });
  }
  for (const memoryLimit of [Number.NaN, 0, '3', null]) {
    await assert.rejects(async () => await Manager.start({ memoryLimit: memoryLimit as never }), { code: 'MEANTIME_OPTION' });
  }
});

for (const [name, executor] of Object.entries({ threads, processes, tasks, auto })) {
  test(`${name}: "transfer" and "retries" exclude each other, in whatever order they are given`, async () => {
    const bytes = new ArrayBuffer(8);
    const transfer = [bytes];
    const refused = { code: 'MEANTIME_OPTION', message: /^with: "transfer" and "retries" exclude each other: .*Leave "transfer" out/ };
    assert.throws(() => executor.with({ transfer, retries: 1 }), refused);
    assert.throws(() => executor.with({ transfer }).with({ retries: 1 }), refused);
    assert.throws(() => executor.with({ retries: Number.POSITIVE_INFINITY }).with({ transfer }), refused);
    assert.throws(() => executor.with({ transfer }).map(identity, [1]), {
      code: 'MEANTIME_OPTION',
      message: /"transfer" belongs to one call/,
    });
    assert.throws(() => executor.with({ transfer }).map(identity, [1], { retries: 1 }), { code: 'MEANTIME_OPTION' });
    assert.throws(() => executor.with({ retries: 1 }).map(identity, [1], null as never), { code: 'MEANTIME_OPTION' });
    executor.with({ transfer, retries: 0 });
    executor.with({ transfer, retries: 1 - 1 }).with({ name: 'x' });
    executor.with({ transfer: [], retries: 1 });
    assert.equal(bytes.byteLength, 8, 'nothing has moved');
  });
}

test('isMain takes import.meta, or its url', () => {
  assert.equal(isMain(import.meta), isMain(import.meta.url));
  assert.equal(isMain({ url: 'file:///some/other/module.js' }), false);
  for (const wrong of [undefined, null, 7, {}, { url: 7 }]) assert.throws(() => isMain(wrong as never), { code: 'MEANTIME_OPTION' });
});
