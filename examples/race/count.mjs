// What each thread of main.mjs runs: `times` times one and the same step, x = x + 1. They wait at a barrier first, so that they run at the same time.

/** Three steps: read, add, write. Another thread can come between any two of them, and then one of the two additions is lost. */
export function plainly(start, times, x) {
  start.waitSync();
  for (let i = 0; i < times; i++) x.view[0] = x.view[0] + 1;
}

/** One step, that of the processor: nothing can come between. */
export function atomically(start, times, x) {
  start.waitSync();
  for (let i = 0; i < times; i++) x.add(1);
}

/** Three steps again, but whoever takes them holds the lock, and the others wait. Not only for numbers: whatever stands between the two lines. */
export function locked(start, times, x, lock) {
  start.waitSync();
  for (let i = 0; i < times; i++) {
    const guard = lock.acquireSync();
    x.view[0] = x.view[0] + 1;
    guard.release();
  }
}

/** Nobody touches x. What is to be added is told to the one who owns it. */
export function told(start, times, queue) {
  start.waitSync();
  for (let i = 0; i < times; i++) queue.putSync(1);
}

/** The owner: its x is an ordinary variable, in memory that nobody else can see. */
export function owner(queue) {
  let x = 0;
  for (const n of queue) x = x + n;
  return x;
}
