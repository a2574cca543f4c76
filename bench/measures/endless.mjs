import { setTimeout as after } from 'node:timers/promises';
import { median } from '../harness/stats.mjs';

const resident = () => process.memoryUsage.rss() / 2 ** 20;

function* forever() {
  for (let i = 0; ; i++) yield i;
}

/**
 * Resident memory, in MB, while a loop runs over the results of a map of endless input, at `early` and at `late` results: `Kept` after a
 * collection, and `Before` it as the median of 20 readings over the tenth that leads up to it. The latter swings by a third in waves of some
 * millions of results, with the phase of V8's old generation, so that two readings say little of a leak.
 */
export default async function endless(load, { early, late, ...options }) {
  const pool = await (await load()).open(options);
  const result = {};
  let readings = [];
  let seen = 0;
  const start = performance.now();
  for await (const value of pool.results('increment', forever())) {
    if (value !== ++seen) throw new Error(`result ${seen} was ${value}`);
    const [name, at] = seen <= early ? ['early', early] : ['late', late];
    if (seen > at * 0.9 && seen % (at / 200) === 0) readings.push(resident());
    if (seen !== at) continue;
    result[`${name}Before`] = median(readings);
    readings = [];
    globalThis.gc();
    await after(200); // freed pages are given back in the background
    result[`${name}Kept`] = resident();
    if (name === 'late') break;
  }
  const ms = performance.now() - start;
  await pool.close();
  return { ...result, peak: process.resourceUsage().maxRSS / 1024, perSecond: (late / ms) * 1000 };
}
