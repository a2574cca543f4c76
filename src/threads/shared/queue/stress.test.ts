import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { random, seeded, travels, useRandom } from '../../../core/index.js';
import { markDead } from '../life.js';
import { SharedQueue } from '../shared-queue.js';

/*
 * Real threads that are ended at any point, and an account of every item. This file is also what the threads run.
 */

interface Item {
  /** Who put it, and as which of its items. */
  by: number;
  n: number;
  /** Some are small, some are not in their cell, some go through V8. */
  load: unknown;
}

interface Ledger {
  /** For each producer: of how many items it knows that they are in. */
  sent: Int32Array<SharedArrayBuffer>;
  /** For each producer and item: how often it came. */
  came: Uint8Array<SharedArrayBuffer>;
  /** How many items came out of order. */
  disorder: Int32Array<SharedArrayBuffer>;
}

interface Job extends Ledger {
  role: 'put' | 'get';
  async: boolean;
  id: number;
  items: number;
  parts: unknown;
}

const loads = [
  (n: number) => n,
  (n: number) => `item ${n}`.repeat(80),
  (n: number) => new Uint16Array(1000).fill(n),
  (n: number) => new Map([[n, { n }]]),
];

/** Whether what came is what was put, in one piece. */
function isWhole({ n, load }: Item): boolean {
  if (load instanceof Uint16Array) return load.every((x) => x === n % 65536);
  if (load instanceof Map) return load.get(n).n === n;
  return load === n || load === `item ${n}`.repeat(80);
}

async function work({ role, async, id, items, parts, sent, came, disorder }: Job): Promise<void> {
  const queue = new SharedQueue<Item>(parts as never);
  if (role === 'put') {
    for (let n = 0; n < items; n++) {
      const item = { by: id, n, load: loads[n % loads.length](n) };
      if (async) await queue.put(item);
      else queue.putSync(item);
      Atomics.add(sent, id, 1);
    }
    return;
  }
  const last = new Map<number, number>();
  const note = (item: Item) => {
    const { by, n } = item;
    Atomics.add(came, by * items + n, 1);
    if (n <= (last.get(by) ?? -1) || !isWhole(item)) Atomics.add(disorder, 0, 1);
    last.set(by, n);
  };
  if (async) for await (const item of queue) note(item);
  else for (const item of queue) note(item);
}

if (!isMainThread) {
  const job = workerData as Job;
  parentPort?.once('message', () => void work(job).then(() => parentPort?.postMessage('done')));
  parentPort?.postMessage('ready');
}

interface Thread {
  role: 'put' | 'get';
  id: number;
  worker: Worker;
  done: boolean;
  ended: Promise<void>;
}

/** `killed`: the share of threads that are ended in the midst of it. */
async function run(capacity: number, producers: number, consumers: number, items: number, kills: number): Promise<void> {
  const queue = new SharedQueue<Item>(capacity, { maxBytes: 64 * 1024 });
  const { parts } = queue[travels]();
  const ledger: Ledger = {
    sent: new Int32Array(new SharedArrayBuffer(4 * producers)),
    came: new Uint8Array(new SharedArrayBuffer(producers * items)),
    disorder: new Int32Array(new SharedArrayBuffer(4)),
  };
  const start = async (role: 'put' | 'get', id: number): Promise<Thread> => {
    const job: Job = { role, id, async: id % 2 === 1, items, parts, ...ledger };
    const worker = new Worker(new URL(import.meta.url), { workerData: job });
    const number = worker.threadId + 1;
    const thread: Thread = { role, id, worker, done: false, ended: Promise.resolve() };
    thread.ended = new Promise((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', () => {
        markDead(number);
        resolve();
      });
    });
    await new Promise((resolve) => worker.once('message', resolve));
    worker.on('message', () => {
      thread.done = true;
    });
    worker.postMessage('go');
    return thread;
  };
  const threads = await Promise.all([
    ...Array.from({ length: producers }, (_, id) => start('put', id)),
    ...Array.from({ length: consumers }, (_, id) => start('get', id)),
  ]);
  const dead = { put: 0, get: 0 };
  const total = () => ledger.came.reduce((sum, n) => sum + n, 0);
  for (let i = 0; i < kills; i++) {
    // After some more items have come, whoever it hits; one of each kind is spared.
    const until = total() + Math.floor(random() * 200);
    while (total() < until && threads.some(({ role, done }) => role === 'put' && !done)) await new Promise(setImmediate);
    const alive = (role: string) => threads.filter((thread) => thread.role === role && !thread.done);
    const targets = [...alive('put').slice(1), ...alive('get').slice(1)];
    const target = targets[Math.floor(random() * targets.length)];
    if (target === undefined) break;
    target.done = true;
    dead[target.role]++;
    await target.worker.terminate();
  }
  await Promise.all(threads.filter(({ role }) => role === 'put').map(({ ended }) => ended));
  queue.close();
  await Promise.all(threads.map(({ ended }) => ended));
  assert.equal(queue.size, 0);
  assert.deepEqual([queue.putting, queue.getting], [0, 0]);
  assert.equal(ledger.disorder[0], 0, 'items of one producer came in another order, or not whole');
  let [missing, unknown] = [0, 0];
  for (let id = 0; id < producers; id++) {
    for (let n = 0; n < items; n++) {
      const came = ledger.came[id * items + n];
      assert.ok(came <= 1, `item ${n} of producer ${id} came ${came} times`);
      if (n < ledger.sent[id] && came === 0) missing++;
      if (n >= ledger.sent[id] && came === 1) unknown++;
    }
  }
  assert.ok(missing <= dead.get, `${missing} items are lost, and ${dead.get} consumers died`);
  assert.ok(unknown <= dead.put, `${unknown} items came of which nobody knew, and ${dead.put} producers died`);
}

if (isMainThread) {
  const seed = Number(process.env.SEED ?? Math.floor(random() * 2 ** 31));
  const factor = Number(process.env.STRESS ?? 1);
  const it = (name: string, fn: () => Promise<void>) =>
    test(name, async (t) => {
      t.diagnostic(`SEED=${seed}`);
      const restore = useRandom(seeded(seed));
      try {
        await fn();
      } finally {
        restore();
      }
    });

  it('nobody dies: every item comes once, in order, and whole', async () => {
    await run(1, 2, 2, 1000 * factor, 0);
    await run(64, 3, 2, 2000 * factor, 0);
  });

  it('threads die at any point: nothing comes twice, and only what was in their hands is gone', async () => {
    for (const capacity of [1, 3, 16]) await run(capacity, 4, 4, 1500 * factor, 5);
  });
}
