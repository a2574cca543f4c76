// 50 slow URLs: the classic of work that waits.
//
// Shows: `compare` on a function that waits for a server. One at a time, each request waits for the one before it. As tasks, all of them wait at the same time, on one thread; threads and
// processes give no more than their number, however many cores there are, since no processor has anything to do. The server is in a process of its own, so that it takes no time of this one.
//
// Run it:  npm run build && node examples/slow-urls/main.mjs
// The same from the command line, against a site of yours:
//          npx meantime compare examples/slow-urls/page.mjs#title --lines urls.txt

import assert from 'node:assert/strict';
import { compare, formatComparison } from 'meantime/advisor';
import { ProcessPoolExecutor } from 'meantime/processes';
import { title } from './page.mjs';
import { serve } from './server.mjs';

const COUNT = 50;

const host = new ProcessPoolExecutor({ workers: 1, idleTimeout: Number.POSITIVE_INFINITY });
const origin = await host.submit(serve);
const urls = Array.from({ length: COUNT }, (_, i) => `${origin}/pages/${i + 1}`);

// What the lesson promises is the order, not the figures: those belong to a machine and its neighbours.
function order({ rows }) {
  const fastest = (on) => Math.max(...rows.filter((row) => row.on === on).map((row) => row.speedup));
  const tasks = fastest('tasks');
  const oneInEach = rows.filter((row) => row.concurrency === 1 && row.workers > 1);
  return { tasks, oneInEach, isAsPromised: tasks > 10 && oneInEach.every(({ speedup, workers }) => speedup < workers * 1.2) };
}

let comparison = await compare(title, urls, { rounds: 2 });
console.log(formatComparison(comparison));
if (!order(comparison).isAsPromised) {
  console.log('That is not the order of a quiet machine: once more\n');
  comparison = await compare(title, urls, { rounds: 2 });
  console.log(formatComparison(comparison));
}
await host.shutdown();

assert.equal(comparison.state, 'finished');
for (const { label, failed, error, differing } of comparison.rows) {
  assert.equal(failed, 0, `${label}: ${error}`);
  assert.equal(differing, 0, `${label}: other answers than one at a time`);
}
const { tasks, oneInEach } = order(comparison);
assert.ok(tasks > 10, `tasks more than 10 times as fast as one at a time, but they were ${tasks} times`);
for (const { label, workers, speedup } of oneInEach) {
  assert.ok(speedup < workers * 1.2, `${label}: as fast as there are of them, but they were ${speedup} times as fast`);
}
assert.ok(comparison.best.concurrency > 1, `the best has several calls in progress in a thread, but it was ${comparison.best.label}`);

console.log(
  `proof: ${COUNT} titles are the same in ${comparison.rows.length} ways; tasks were ${tasks.toFixed(1)} times as fast as one at a time, workers with one call in each no more than their number`,
);
