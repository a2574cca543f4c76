// Sums of squares of big numbers: the classic of work that computes.
//
// Shows: `compare` on a function that only computes. As tasks it is no faster than in a plain loop, since all tasks share one thread, and it is never free. Threads and processes are, by as much as there are cores;
// more of them than cores are no faster, and each costs memory and a start.
//
// Run it:  npm run build && node examples/big-squares/main.mjs
// The same from the command line, but with plain numbers:
//          npx meantime compare examples/big-squares/squares.mjs#sumOfSquares --range 500000..500019

import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { compare, formatComparison } from 'meantime/advisor';
import { sumOfSquares } from './squares.mjs';

const COUNT = 20;

const numbers = Array.from({ length: COUNT }, (_, i) => BigInt(500_000 + i));
for (const n of numbers.slice(0, 2)) assert.equal(sumOfSquares(n), (n * (n + 1n) * (2n * n + 1n)) / 6n);

// What the lesson promises is the order, not the figures: those belong to a machine and its neighbours. Of each way, the fastest pass was disturbed least.
const several = availableParallelism() > 1;
function order({ rows }) {
  const fastest = (on) => Math.min(...rows.filter((row) => row.on === on).map((row) => row.fastestMs));
  const [tasks, threads, processes] = ['tasks', 'threads', 'processes'].map((on) => fastest('loop') / fastest(on));
  return { tasks, threads, processes, isAsPromised: tasks < 1.2 && (!several || Math.min(threads, processes) > 1.1 * tasks) };
}

// A machine that is busy with other things has no second core to give, whatever is done with it. Then it is tried again, and if it stays so there is nothing to hold.
let comparison;
for (let attempt = 1; attempt <= 3 && !(comparison && order(comparison).isAsPromised); attempt++) {
  if (attempt > 1) console.log('That is not the order of a quiet machine: once more\n');
  comparison = await compare(sumOfSquares, numbers);
  console.log(formatComparison(comparison));
}

assert.equal(comparison.state, 'finished');
for (const { label, failed, error, differing } of comparison.rows) {
  assert.equal(failed, 0, `${label}: ${error}`);
  assert.equal(differing, 0, `${label}: other answers than one at a time`);
}
const { tasks, threads, processes, isAsPromised } = order(comparison);
if (!isAsPromised && comparison.availability < 0.85) {
  console.log('The order is not held: this machine is too busy to show it');
} else {
  assert.ok(tasks < 1.2, `tasks no faster than one at a time, but they were ${tasks} times as fast`);
  assert.ok(!several || threads > 1.1 * tasks, `threads (${threads}) faster than tasks (${tasks})`);
  assert.ok(!several || processes > 1.1 * tasks, `processes (${processes}) faster than tasks (${tasks})`);
}

console.log(
  `proof: ${COUNT} sums are the same in ${comparison.rows.length} ways; against one at a time, tasks were ${tasks.toFixed(2)} times as fast, threads ${threads.toFixed(2)}, processes ${processes.toFixed(2)}, with ${availableParallelism()} cores`,
);
