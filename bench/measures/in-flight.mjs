import { processCpu, threadCpu } from '../harness/cpu.mjs';

/**
 * Keeps `inFlight` calls outstanding: each one is awaited by its lane, which then makes the next. Calls a second over `ms`
 * milliseconds after a warm-up, and processor time per call.
 */
export default async function inFlight(load, { inFlight = 1000, warm = 400, ms = 800, ...options }) {
  const pool = await (await load()).open(options);
  await lanes(pool.tiny, inFlight, warm);
  const result = await lanes(pool.tiny, inFlight, ms);
  await pool.close();
  return result;
}

export async function lanes(call, width, ms) {
  let done = 0;
  let stop = false;
  const main = threadCpu();
  const all = processCpu();
  const start = performance.now();
  const lane = async () => {
    while (!stop) {
      await call();
      if ((++done & 63) === 0 && performance.now() - start > ms) stop = true;
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  const elapsed = performance.now() - start;
  return {
    perSecond: (done / elapsed) * 1000,
    mainCpu: (threadCpu() - main) / done,
    allCpu: (processCpu() - all) / done,
  };
}
