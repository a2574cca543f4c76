import { median } from '../harness/stats.mjs';

function* forever() {
  for (let i = 0; ; i++) yield i;
}

/**
 * Resident memory while a loop runs over the results of a map of endless input: at `early` and at `late` results, in MB, each the median of
 * 20 readings over the tenth that leads up to it, because one reading lands anywhere between two garbage collections.
 */
export default async function endless(load, { early, late, ...options }) {
  const pool = await (await load()).open(options);
  const readings = { early: [], late: [] };
  let seen = 0;
  const start = performance.now();
  for await (const value of pool.results('increment', forever())) {
    if (value !== ++seen) throw new Error(`result ${seen} was ${value}`);
    for (const [name, at] of Object.entries({ early, late })) {
      if (seen > at * 0.9 && seen <= at && seen % (at / 200) === 0) readings[name].push(process.memoryUsage.rss() / 2 ** 20);
    }
    if (seen === late) break;
  }
  const ms = performance.now() - start;
  await pool.close();
  return {
    early: median(readings.early),
    late: median(readings.late),
    peak: process.resourceUsage().maxRSS / 1024,
    perSecond: (late / ms) * 1000,
  };
}
