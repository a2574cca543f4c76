import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Claims } from './claims.js';

/**
 * Runs `body` once for each way in which it can answer its choices: `choose(n)` gives 0 to n - 1. Depth first, without end only if `body` is.
 */
function everyWay(body: (choose: (n: number) => number) => void): number {
  let path: { of: number; at: number }[] = [];
  for (let ways = 1; ; ways++) {
    let depth = 0;
    body((n) => {
      if (depth === path.length) path.push({ of: n, at: 0 });
      return path[depth++].at;
    });
    path = path.slice(0, depth);
    while (path.length > 0 && path[path.length - 1].at + 1 === path[path.length - 1].of) path.pop();
    if (path.length === 0) return ways;
    path[path.length - 1].at++;
  }
}

test('in every order of claims and recalls, also in the middle of one, no call is both claimed and recalled', () => {
  const real = { load: Atomics.load, compareExchange: Atomics.compareExchange };
  let between: () => void = () => undefined;
  // Between the load and the swap of one side, the other side may do a whole step. Less than a whole step has no effect that could be seen.
  const patched = {
    load: (words: Int32Array, i: number) => {
      const value = real.load(words, i);
      between();
      return value;
    },
    compareExchange: real.compareExchange,
  };
  Object.assign(Atomics, patched);
  let ways: number;
  try {
    ways = everyWay((choose) => {
      const claims = new Claims();
      let claimsLeft = 4;
      let recallsLeft = 2;
      /** For each epoch what the worker started, and what the pool was told. */
      const started = [0, 0, 0];
      const told: (number | undefined)[] = [undefined, undefined, undefined];
      let poolEpoch = 0;
      let inside = 0;
      const worker = () => {
        claimsLeft--;
        const epoch = poolEpoch; // the worker has got everything that was sent
        if (claims.claim(epoch)) started[epoch]++;
      };
      const late = () => {
        claimsLeft--;
        if (claims.claim(0)) started[0]++; // and a message of the first epoch is still in its inbox
      };
      const pool = () => {
        recallsLeft--;
        const epoch = poolEpoch;
        told[epoch] = claims.recall();
        poolEpoch = epoch + 1;
      };
      const steps = (mayClaim: boolean, mayRecall: boolean) => {
        const all: (() => void)[] = [];
        if (mayClaim && claimsLeft > 0) all.push(worker, late);
        if (mayRecall && recallsLeft > 0) all.push(pool);
        return all;
      };
      let side: 'worker' | 'pool' | undefined;
      const run = (step: () => void) => {
        const before = side;
        side = step === pool ? 'pool' : 'worker';
        step();
        side = before;
      };
      between = () => {
        if (inside > 0) return;
        const open = steps(side === 'pool', side === 'worker');
        const pick = open.length === 0 ? 0 : choose(open.length + 1);
        if (pick === 0) return;
        inside++;
        run(open[pick - 1]);
        inside--;
      };
      for (let open = steps(true, true); open.length > 0; open = steps(true, true)) run(open[choose(open.length)]);
      for (const epoch of [0, 1]) assert.equal(started[epoch], told[epoch], `epoch ${epoch}: started, and told`);
    });
  } finally {
    Object.assign(Atomics, real);
  }
  assert.ok(ways > 1000, `${ways} ways`);
});

test('with a real thread: what it started is what the recalls say, none more and none less', async () => {
  const claims = new Claims();
  const memory = new SharedArrayBuffer(4 * 4096);
  const started = new Int32Array(memory);
  const worker = new Worker(
    `const { workerData: { claims, memory, url } } = require('node:worker_threads');
     import(url).then(({ Claims }) => {
       const shared = new Claims(claims);
       const started = new Int32Array(memory);
       // A pool never numbers more calls than an epoch holds; nor does this, however long the other side is kept from its recall.
       for (let epoch = shared.epoch; epoch < 400; epoch = shared.epoch) {
         if (started[epoch] < 1e6 && shared.claim(epoch)) Atomics.add(started, epoch, 1);
       }
     });`,
    { eval: true, workerData: { claims: claims.memory, memory, url: new URL('./claims.js', import.meta.url).href } },
  );
  const gone = new Promise((resolve) => worker.once('exit', resolve));
  const told: number[] = [];
  while (told.length < 400) {
    // Both sides are in the middle of it: the recall lands between any two steps of the worker.
    const until = performance.now() + 0.3;
    while (performance.now() < until);
    if (told.length > 0 || claims.claimed() > 0) told.push(claims.recall());
    else await new Promise((resolve) => setImmediate(resolve));
  }
  await gone;
  assert.deepEqual(told, [...started.subarray(0, 400)]);
  assert.ok(told.some((n) => n > 0));
});

test('epochs come round', () => {
  const claims = new Claims();
  for (let i = 0; i < 5000; i++) {
    const { epoch } = claims;
    assert.equal(claims.claim(epoch), true);
    assert.equal(claims.recall(), 1);
    assert.equal(claims.claim(epoch), false, `turn ${i}`);
    assert.ok(claims.epoch >= 0 && claims.epoch !== epoch);
  }
});
