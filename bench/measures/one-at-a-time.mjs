import { median } from '../harness/stats.mjs';

/** One call after the other, each awaited: the median there and back, in µs. */
export default async function oneAtATime(load, { warm = 1500, calls = 3000, ...options }) {
  const pool = await (await load()).open(options);
  for (let i = 0; i < warm; i++) await pool.tiny();
  const times = new Float64Array(calls);
  for (let i = 0; i < calls; i++) {
    const start = performance.now();
    await pool.tiny();
    times[i] = performance.now() - start;
  }
  await pool.close();
  return { us: median(times) * 1000 };
}
