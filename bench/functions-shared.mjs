// What the cases of shared memory run in threads: each tells its own time, so that starting a thread is not in it.
const clock = () => performance.now();

/** Some 100 ns of work that no compiler leaves out: steps each of which waits for the one before. */
function section(cells) {
  let x = cells[0];
  for (let i = 0; i < 70; i++) x = (Math.imul(x, 1103515245) + i) | 0;
  cells[0] = x;
  cells[1]++;
}

/** A word that is taken by a compare-and-swap and given back by a store. */
export function raw(memory, n) {
  const word = new Int32Array(memory);
  const loop = (count) => {
    for (let i = 0; i < count; i++) {
      while (Atomics.compareExchange(word, 0, 0, 1) !== 0);
      Atomics.store(word, 0, 0);
    }
  };
  loop(n / 10);
  const start = clock();
  loop(n);
  return clock() - start;
}

export function uncontended(lock, n) {
  const loop = (count) => {
    for (let i = 0; i < count; i++) lock.acquireSync().release();
  };
  loop(n / 10);
  const start = clock();
  loop(n);
  return clock() - start;
}

/** Waits until the others are here too: the start of a thread is not to be an advantage. */
export function together(memory, parties) {
  const word = new Int32Array(memory);
  if (Atomics.add(word, 0, 1) + 1 === parties) Atomics.notify(word, 0);
  for (let here = Atomics.load(word, 0); here < parties; here = Atomics.load(word, 0)) Atomics.wait(word, 0, here);
}

export function contended(lock, memory, meeting, n) {
  const cells = new Float64Array(memory);
  for (let i = 0; i < n / 20; i++) lock.acquireSync().release();
  together(meeting, 2);
  const start = Date.now();
  for (let i = 0; i < n; i++) {
    const guard = lock.acquireSync();
    section(cells);
    guard.release();
  }
  return [start, Date.now()];
}

/** The same work without any lock, by one thread: what the sections themselves take. */
export function alone(memory, n) {
  const cells = new Float64Array(memory);
  for (let i = 0; i < n / 10; i++) section(cells);
  const start = clock();
  for (let i = 0; i < n; i++) section(cells);
  return clock() - start;
}

/** Asks the owner of the mutex by a message, and waits for the answer. */
export function byMessages(port, memory, n, wait) {
  const cells = new Float64Array(memory);
  return new Promise((resolve) => {
    let left = n;
    port.on('message', () => {
      section(cells);
      port.postMessage('release');
      if (--left > 0) port.postMessage('acquire');
      else {
        port.close();
        resolve();
      }
    });
    together(wait, 2);
    port.postMessage('acquire');
  });
}
