import { setTimeout as after } from 'node:timers/promises';

/** The process after a collection: what is used on the heap, and what is resident. */
async function used() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await after(100); // freed pages are given back in the background
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

/** `n` tasks that wait for what never comes: bytes for each, and ns for each to cancel and to join them all. Node needs --expose-gc. */
export default async function parked(load, { n, ...options }) {
  const thing = await (await load()).open(options);
  for (let i = 0; i < 3; i++) await (await thing.park(1000)).stop();
  const before = await used();
  const { stop } = await thing.park(n);
  const after = await used();
  const start = performance.now();
  await stop();
  const ms = performance.now() - start;
  return { heap: (after.heap - before.heap) / n, rss: (after.rss - before.rss) / n, ns: (ms / n) * 1e6 };
}
