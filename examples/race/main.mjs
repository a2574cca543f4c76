// x = x + 1, from several threads at once.
//
// Shows: the textbook's race. Threads that share memory lose updates, and here is how many; then three ways to lose none: an `AtomicInt32`, a `SharedLock`, and a
// `SharedQueue` to one owner. Each is exact, and each has its price, which is printed. What the threads run is in count.mjs.
//
// Run it:  npm run build && node examples/race/main.mjs

import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { AtomicInt32, SharedArray, SharedBarrier, SharedLock, SharedQueue, Thread } from 'meantime/threads';
import { atomically, locked, owner, plainly, told } from './count.mjs';

const THREADS = 4;
const TIMES = 20_000;
/** If nothing was lost so far, it is tried with twice as many steps, up to so many in each thread. */
const MOST = 2 ** 10 * TIMES;

/** Runs `fn` in all threads at once; gives how long it took from the common start to the last end, in ms. */
async function together(fn, times, ...shared) {
  const start = new SharedBarrier(THREADS + 1);
  const threads = Array.from({ length: THREADS }, () => Thread.start(fn, start, times, ...shared));
  await Promise.race([start.wait(), Promise.all(threads)]); // the second only ends first if a thread fails
  const began = performance.now();
  await Promise.all(threads);
  return performance.now() - began;
}

const table = [];
function note(way, steps, result, ms) {
  const [lost, each] = [steps - result, (ms * 1e6) / steps];
  table.push({ way, steps, result, lost, ms: Number(ms.toFixed(1)), 'ns a step': Math.round(each) });
}

// Without anything. Whether two threads meet is a matter of chance: they do while they run on two cores at once, or when one is interrupted between its read and its write. The steps
// take a few milliseconds, so on one core, or a busy machine, one thread may be through before the next has begun. Then it is tried with twice as many.
let raced;
for (let times = 5 * TIMES; raced === undefined && times <= MOST; times *= 2) {
  const x = new SharedArray('i32', 1);
  const ms = await together(plainly, times, x);
  if (x.get(0) < THREADS * times) raced = { times, result: x.get(0), ms };
  else console.log(`${THREADS} × ${times} steps, and by chance no update was lost: again, with twice as many`);
}
assert.ok(raced, `no update was lost in ${THREADS} × ${MOST} steps`);
note('x = x + 1', THREADS * raced.times, raced.result, raced.ms);

const all = THREADS * TIMES;

const atomic = new AtomicInt32();
const atomicMs = await together(atomically, TIMES, atomic);
note('AtomicInt32', all, atomic.load(), atomicMs);

const [x, lock] = [new SharedArray('i32', 1), new SharedLock()];
const lockMs = await together(locked, TIMES, x, lock);
note('SharedLock', all, x.get(0), lockMs);

// The dearest, for so little: four that put are faster than one that takes, so the queue is full most of the time, and for each number somebody has to be woken. It pays where
// an item is work, and not one addition.
const queue = new SharedQueue(1024);
const owned = Thread.start(owner, queue);
const queueMs = await together(told, TIMES, queue);
queue.close(); // the owner takes what is left, and its loop ends
note('SharedQueue', all, await owned, queueMs);

console.log(`${THREADS} threads, ${availableParallelism()} cores`);
console.table(Object.fromEntries(table.map(({ way, ...row }) => [way, row])));

const [race, ...exact] = table;
for (const { way, steps, result } of exact) assert.equal(result, steps, way);
console.log(`proof: ${race.lost} of ${race.steps} updates were lost without help; with an atomic, a lock and a queue none of ${all}`);
