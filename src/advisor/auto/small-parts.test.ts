import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { clock, TimeoutError, useClock, VirtualClock } from '../../core/index.js';
import type { FutureCell } from '../../futures/index.js';
import type { WorkerUsage } from '../../threads/index.js';
import { CallWeight } from './call-weight.js';
import { type Decision, DecisionLog, pointText } from './decision.js';
import { HeldCall } from './held-call.js';
import { heldStream } from './held-stream.js';
import { Meter, Readings } from './meter.js';
import { Tally } from './tally.js';
import { Travels } from './travels.js';

test('CallWeight: much heavier or lighter calls, by two looks, are other work; more or fewer of them are not, nor are light ones told apart', () => {
  const weight = new CallWeight();
  const looks: [busy: number, calls: number][] = [
    [100, 10],
    [50, 5],
    [200, 20],
    [100, 100], // a tenth, once
    [110, 11],
    [10, 10],
    [0, 0], // says nothing
    [12, 12], // and twice
    [0.02, 2],
    [0.01, 10],
    [0.03, 1],
    [90, 9],
    [100, 10],
  ];
  const turns = looks.map(([busy, calls]) => weight.saw(busy, calls));
  assert.deepEqual(
    turns.map((turn, i) => (turn === undefined ? undefined : `${i} ${turn}`)).filter((turn) => turn !== undefined),
    ['7 lighter', '9 lighter', '12 heavier'],
  );
  weight.forget();
  const after = [1000, 1000, 1000, 1, 1, 1, 50, 50].map((busy) => weight.saw(busy, 1));
  assert.deepEqual(after, [...new Array(7).fill(undefined), 'heavier'], 'the first looks with other workers do not count');
});

const usage = (id: number, busy: number, computing: number | undefined, waiting: number | undefined): WorkerUsage => ({
  id,
  busy,
  computing,
  waiting,
});

test('Meter: workers are added up, those that are new or gone left out, and time in line is no time', () => {
  let now = 0;
  const back = useClock({ ...clock, now: () => now });
  try {
    const meter = new Meter();
    meter.restart([usage(1, 100, 50, 10), usage(2, 0, 0, 0), usage(3, 5, 5, 0)]);
    now += 100;
    const reading = meter.there([usage(1, 180, 90, 30), usage(2, 100, 60, 40), usage(4, 70, 70, 0)]);
    assert.deepEqual([reading.threads, reading.wall, reading.busy, reading.thread], [2, 80 + 60, 60 + 60, 100]);
    assert.ok(Math.abs(reading.available - 100 / 160) < 1e-9);
    now += 100;
    const blind = meter.there([usage(1, 280, undefined, undefined), usage(2, 150, 60, 40)]);
    assert.deepEqual([blind.thread, blind.available], [undefined, 1], 'where nothing tells the processor time');
    now += 100;
    const none = meter.there([]);
    assert.deepEqual([none.threads, none.wall, none.busy], [0, 0, 0]);
  } finally {
    back();
  }
});

test('Meter: of threads that stood in line nearly all the time nothing is said until they have had some', () => {
  let now = 0;
  const back = useClock({ ...clock, now: () => now });
  try {
    const meter = new Meter();
    meter.restart([usage(1, 0, 0, 0)]);
    now += 100;
    assert.equal(meter.there([usage(1, 92, 7, 91)]).threads, 0);
    now += 100;
    const both = meter.there([usage(1, 192, 24, 176)]);
    assert.deepEqual([both.threads, both.wall, both.busy, both.thread], [1, 24, 16, 24]);
    now += 10;
    assert.equal(meter.there([usage(1, 192, 24, 176)]).threads, 1, 'a short time with no line is a time all the same');
  } finally {
    back();
  }
});

test('Meter: this thread is busy while it computes and not while it waits', async () => {
  const meter = new Meter();
  const end = performance.now() + 40;
  while (performance.now() < end);
  const busy = meter.here();
  assert.equal(busy.threads, 1);
  assert.ok(busy.busy > 0.8 * busy.wall, JSON.stringify(busy));
  assert.ok(busy.thread === undefined || busy.thread <= busy.wall + 5, JSON.stringify(busy));
});

test('Readings add up; what one of them does not know, none knows', () => {
  const all = new Readings();
  const one = { threads: 1, wall: 10, busy: 5, thread: 3, process: 4, available: 1 };
  all.add(one, 2);
  all.add(one, 3);
  assert.deepEqual([all.wall, all.busy, all.thread, all.process, all.done], [20, 10, 6, 8, 5]);
  all.add({ ...one, thread: undefined }, 1);
  all.add(one, 1);
  assert.equal(all.thread, undefined);
  all.clear();
  all.add(one, 1);
  assert.deepEqual([all.wall, all.thread, all.done], [10, 3, 1]);
});

const named = () => undefined;

test('HeldCall: cancelled while it is held, it is never made', async () => {
  const held = new HeldCall(named, [], {}, {});
  held.future.cancel('not wanted');
  let made = 0;
  held.place(() => made++);
  await assert.rejects(async () => await held.future, { name: 'AbortError' });
  assert.deepEqual([made, held.placed, held.future.state], [0, false, 'cancelled']);
});

test('HeldCall: its deadline runs while it is held, and what is left of it goes on', async () => {
  const back = useClock(new VirtualClock());
  try {
    const late = new HeldCall(named, [], { deadline: 100 }, {});
    const seen = assert.rejects(
      async () => await late.future,
      (error) => error instanceof TimeoutError && /named had not ended 100 ms/.test(error.message),
    );
    const held = new HeldCall(named, [1, 2], { deadline: 500, name: 'mine' }, {});
    await new Promise<void>((resolve) => clock.after(150, resolve));
    await seen;
    let placed: unknown[] = [];
    held.place((args, options, cell) => {
      placed = [args, options.deadline, options.name, cell === (held.future as unknown as FutureCell<unknown>)];
    });
    assert.deepEqual(placed, [[1, 2], 350, 'mine', true]);
    await new Promise<void>((resolve) => clock.after(1000, resolve));
    assert.equal(held.future.state, 'pending', 'whoever makes it watches the deadline now');
  } finally {
    back();
  }
});

test('HeldCall: a signal that was aborted before cancels it at once', async () => {
  const held = new HeldCall(named, [], { signal: AbortSignal.abort('before') }, {});
  assert.equal(held.future.state, 'cancelled');
  await assert.rejects(async () => await held.future, { name: 'AbortError' });
});

test('heldStream opens at the first step, not at all if its reader leaves before, and tells its end once', async () => {
  let opened = 0;
  let ended = 0;
  const open = async () => {
    opened++;
    return (async function* () {
      yield 1;
      yield 2;
    })();
  };
  const stream = heldStream(open, () => ended++);
  await stream.return?.();
  assert.deepEqual([opened, ended, await stream.next()], [0, 0, { done: true, value: undefined }]);
  const other: unknown[] = [];
  for await (const value of heldStream(open, () => ended++)) other.push(value);
  assert.deepEqual([opened, ended, other], [1, 1, [1, 2]]);
  for await (const _ of heldStream(open, () => ended++)) break;
  assert.deepEqual([opened, ended], [2, 2]);
  const refused = heldStream(
    () => Promise.reject(new RangeError('no')),
    () => ended++,
  );
  await assert.rejects(refused.next(), RangeError);
  assert.deepEqual([await refused.next(), ended], [{ done: true, value: undefined }, 2], 'one that could not be opened was none');
});

test('Travels asks once for a function, says why one cannot, and at once what is known', async () => {
  let opened = 0;
  const travels = new Travels(() => opened++);
  const factor = { of: 2 };
  const closure = (x: number) => x * factor.of;
  const first = travels.of(closure);
  assert.equal(travels.of(closure), first);
  assert.equal(await first, false);
  assert.equal(travels.of(closure), false);
  assert.match(travels.reason(closure), /closure.*cannot travel.*factor/s);
  const free = (x: number) => x * 3;
  assert.equal(await travels.of(free), true);
  assert.equal(travels.of(free), true);
  assert.ok(opened > 0, 'threads are there once one can travel');
  assert.match(travels.reason(free), /free cannot travel/);
});

const decision = (n: number): Decision => ({
  at: n,
  from: { on: 'tasks', workers: 1, concurrency: n },
  to: { on: 'tasks', workers: 1, concurrency: n + 1 },
  reason: `for ${n}`,
});

test('DecisionLog keeps the newest thousand, tells each, and publishes it on meantime:advisor', () => {
  const told: Decision[] = [];
  const published: Record<string, unknown>[] = [];
  const listen = (message: unknown) => published.push(message as Record<string, unknown>);
  const log = new DecisionLog((one) => told.push(one));
  log.add(decision(0));
  subscribe('meantime:advisor', listen);
  for (let n = 1; n <= 1200; n++) log.add(decision(n));
  unsubscribe('meantime:advisor', listen);
  assert.deepEqual([log.all.length, log.all[0].reason, log.all[999].reason], [1000, 'for 201', 'for 1200']);
  assert.deepEqual([told.length, published.length], [1201, 1200]);
  const { what, to, reason, since, at } = published[0];
  assert.deepEqual([what, to, reason, since, typeof at], ['decision', decision(1).to, 'for 1', 1, 'bigint']);
  assert.ok(Object.isFrozen(log.all[0]));
  assert.notEqual(log.all, log.all);
});

test('DecisionLog: a listener that throws does not keep a decision from being made; the process is told', async () => {
  const log = new DecisionLog(() => {
    throw new Error('a listener of mine');
  });
  const uncaught: unknown[] = [];
  // The runner listens too, and would fail this test.
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.once('uncaughtException', (error) => uncaught.push(error));
  log.add(decision(1));
  await turn();
  for (const other of others) process.on('uncaughtException', other);
  assert.equal(log.all.length, 1);
  assert.match(String(uncaught[0]), /a listener of mine/);
});

test('a point in few words', () => {
  const text = (on: 'tasks' | 'threads' | 'processes', workers: number, concurrency: number) => pointText({ on, workers, concurrency });
  assert.deepEqual(
    [
      text('tasks', 1, 1),
      text('tasks', 1, 9),
      text('threads', 1, 1),
      text('threads', 4, 2),
      text('processes', 1, 3),
      text('processes', 2, 1),
    ],
    ['one at a time on this thread', '9 in flight on this thread', '1 thread', '4 threads x 2', '1 process x 3', '2 processes'],
  );
});

test('Tally knows when none is left, those included that come meanwhile', async () => {
  const tally = new Tally();
  await tally.idle();
  tally.taken(3);
  let idle = 0;
  const waits = [tally.idle(), tally.idle()].map((wait) => wait.then(() => idle++));
  tally.ended(1);
  tally.ended(1, { reason: 'no' });
  await turn();
  assert.equal(idle, 0);
  tally.dropped(1);
  tally.taken(1);
  await turn();
  assert.equal(idle, 0, 'one has come in the same turn');
  tally.ended(1);
  await Promise.all(waits);
  assert.deepEqual([idle, tally.done, tally.failed], [2, 2, 1]);
});
