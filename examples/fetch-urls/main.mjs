// Waiting for many things at once, on one thread.
//
// Shows: `TaskExecutor.map` over a generator of URLs, 50 at a time, in the order of the inputs; a failed call tried again (`retries`); a time
// limit for each call, which reaches `fetch` as an AbortSignal (`currentSignal`).
//
// Run it:  npm run build && node examples/fetch-urls/main.mjs

import assert from 'node:assert/strict';
import { currentSignal, TaskExecutor } from 'meantime/tasks';
import { startServer } from './server.mjs';

const COUNT = 200;

const server = await startServer();

async function price(url) {
  const response = await fetch(url, { signal: currentSignal() });
  const body = await response.text();
  if (!response.ok) throw new Error(`GET ${url} gave ${response.status}: ${body}`);
  return JSON.parse(body).price;
}

function* urls() {
  for (let id = 1; id <= COUNT; id++) yield `${server.origin}/products/${id}`;
}

const tasks = new TaskExecutor({ concurrency: 50 });
const start = performance.now();
const prices = await tasks.map(price, urls(), { timeout: 5000, retries: 2 });
const took = performance.now() - start;
await tasks.shutdown();
await server.close();

const { waited } = server.seen;
assert.deepEqual(
  prices,
  Array.from({ length: COUNT }, (_, i) => (i + 1) * 3),
);
assert.equal(server.seen.requests, COUNT + COUNT / 20);
assert.ok(server.seen.most <= 50, `never more than 50 at a time, but the server saw ${server.seen.most}`);

console.log(
  `${server.seen.requests} requests, ${server.seen.requests - COUNT} of them a second try, at most ${server.seen.most} at a time`,
);
console.log(`one at a time it would take ${waited} ms at least: that is what the server's answers took to come, added up`);
console.log(
  `proof: ${prices.length} of ${COUNT} prices are right, in ${Math.round(took)} ms instead of ${waited} ms: ${(waited / took).toFixed(1)} times as fast`,
);
