// A crawler: bounded, with a rate limit, and not put off by servers in a bad mood.
//
// Shows: a task group of workers around one `Queue`, which is done when everything put into it has been dealt with (`join`); `RateLimiter`; `retry` that does
// what the server says; `withTimeout`, whose signal reaches `fetch` by `currentSignal()`; `run`, so that Ctrl-C ends all of it in good order.
//
// Run it:  npm run build && node --import tsx examples/crawler/main.ts

import assert from 'node:assert/strict';
import { run } from 'meantime/tasks';
import { crawl } from './crawl.js';
import { linksOf, moodOf, PAGES, startSite } from './site.js';

const WORKERS = 12;
const RATE = 20;

const site = await startSite();
const began = performance.now();
const { pages, failed, retried } = await run(() => crawl(site.start, { workers: WORKERS, rate: RATE, timeout: 2000 })).finally(site.close);
const took = performance.now() - began;

/** What can be reached, worked out from the site's own plan. */
const reachable = new Set(['/page/0']);
for (const path of reachable) {
  const page = Number(path.slice('/page/'.length));
  if (['gone', 'broken'].includes(moodOf(page))) continue;
  for (const to of linksOf(page)) if (to.startsWith('/')) reachable.add(to);
}
const paths = [...reachable].map((path) => ({ url: new URL(path, site.start).href, mood: moodOf(Number(path.slice('/page/'.length))) }));
const count = (...moods: string[]) => paths.filter(({ mood }) => moods.includes(mood)).length;

assert.deepEqual(new Set([...pages.keys(), ...failed.keys()]), new Set(paths.map(({ url }) => url)));
for (const { url, mood } of paths) {
  assert.equal(failed.get(url), mood === 'gone' ? '404' : mood === 'broken' ? '500' : undefined);
}
assert.deepEqual(Object.fromEntries(retried), {
  '429': count('limited'),
  '500': 3 * count('broken'),
  '503': 2 * count('busy'),
  'no answer': count('slow'),
});
const tries = [...retried.values()].reduce((a, b) => a + b);
assert.equal(site.seen.requests, paths.length + tries);
assert.equal(site.seen.abandoned, count('slow'));
assert.ok(
  took >= (Math.ceil(site.seen.requests / RATE) - 1) * 100,
  `the rate was kept, but ${site.seen.requests} requests took only ${took} ms`,
);
assert.ok(site.seen.most <= WORKERS, `never more than ${WORKERS} requests at a time, but the site saw ${site.seen.most}`);

console.log(`${paths.length} of the ${PAGES} pages of the site can be reached: ${pages.size} were read, ${failed.size} are out of order`);
console.log(`${site.seen.requests} requests, ${tries} of them a second try or a later one:`);
for (const [reason, times] of [...retried].sort()) console.log(`  ${String(times).padStart(3)} after ${reason}`);
console.log(`proof: every page was found and read once, with at most ${WORKERS} requests at a time and ${RATE} in 100 ms`);
