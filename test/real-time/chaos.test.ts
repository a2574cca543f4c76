import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { belongings, canCount, descendants, leftSince, MARK } from './chaos/leftovers.js';
import { LockStorm } from './chaos/lock-storm.js';
import { Lots } from './chaos/lots.js';
import { type Kind, Storm } from './chaos/storm.js';
import { Tally } from './chaos/tally.js';

/** How long it goes on, in ms. */
const LENGTH = Number(process.env.MEANTIME_CHAOS_MS ?? 60_000);
const SEED = Number(process.env.MEANTIME_CHAOS_SEED ?? randomInt(2 ** 31));
/** What is told to end may need this long, in ms, until the kernel shows it no more. */
const GRACE = 5000;

async function storms(kind: Kind, folder: string, ms: number, lots: Lots, tally: Tally): Promise<void> {
  const until = performance.now() + ms;
  do await new Storm(kind, folder, lots, tally).run(Math.min(lots.between(300, 3000), Math.max(100, until - performance.now())));
  while (performance.now() < until && tally.faults.length === 0);
}

/** The same for what they share; killed by the storms beside it, if they are processes. */
async function lockStorms(kind: Kind, folder: string, ms: number, lots: Lots, tally: Tally): Promise<void> {
  const until = performance.now() + ms;
  do await new LockStorm(kind, folder, lots, tally).run(Math.min(lots.between(2000, 6000), Math.max(100, until - performance.now())));
  while (performance.now() < until && tally.faults.length === 0);
}

async function settledDown(before: ReturnType<typeof belongings>): Promise<string[]> {
  const until = performance.now() + GRACE;
  let left = leftSince(before);
  while (left.length > 0 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    left = leftSince(before);
  }
  return left;
}

test('chaos: workers are killed, exit and run out of memory, calls are cancelled: nothing hangs, runs twice or is left behind', async (t: TestContext) => {
  t.diagnostic(`MEANTIME_CHAOS_SEED=${SEED} MEANTIME_CHAOS_MS=${LENGTH}`);
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  // Whatever is made in the folder for temporary files is made in this one, by the workers as well.
  const logs = mkdtempSync(join(tmpdir(), 'chaos-logs-'));
  process.env.TMPDIR = folder;
  process.env[MARK] = `${process.pid}-${SEED}`;
  const lots = new Lots(SEED);
  const kinds = ['threads', 'processes'] as const;
  // What is loaded and started once, such as the threads of libuv, is not what is looked for.
  const warm = new Tally();
  for (const kind of kinds) {
    await storms(kind, logs, 300, new Lots(lots.between(0, 2 ** 31)), warm);
    await lockStorms(kind, logs, 300, new Lots(lots.between(0, 2 ** 31)), warm);
  }
  const before = canCount ? belongings() : undefined;
  const made = readdirSync(folder); // the socket of this process, which is there to its end

  const tallies = await Promise.all(
    kinds.map(async (kind) => {
      const tally = new Tally();
      const seeds = [lots.between(0, 2 ** 31), lots.between(0, 2 ** 31)];
      const beside = lockStorms(kind, logs, LENGTH, new Lots(seeds[1]), tally);
      await storms(kind, logs, LENGTH, new Lots(seeds[0]), tally);
      await beside;
      return { kind, tally };
    }),
  );

  for (const { kind, tally } of tallies) {
    t.diagnostic(`${kind}: ${tally.runs} runs counted, ${tally.most} the most of one call`);
    for (const line of tally.table()) t.diagnostic(line);
  }
  const found = before ? await settledDown(before) : [];
  // Node opens a module in the background; a thread that is ended meanwhile never hears of the descriptor, and nobody can close it.
  const ofNode = found.filter((line) => /descriptors: .*\.m?js$/.test(line));
  const left = found.filter((line) => !ofNode.includes(line));
  if (ofNode.length > 0) t.diagnostic(`left by Node where a thread was ended while it loaded a module: ${ofNode.join('; ')}`);
  if (!before) t.diagnostic('threads, descriptors and processes are not counted: only Linux tells them');
  else t.diagnostic(`at the end: ${left.length === 0 ? 'no process, thread, descriptor or shared block is left' : left.join('; ')}`);
  const faults = [...warm.faults, ...tallies.flatMap(({ tally }) => tally.faults)];
  assert.deepEqual(faults.slice(0, 20), [], `${faults.length} promises broken, seed ${SEED}`);
  assert.deepEqual(left, [], `left behind, seed ${SEED}`);
  assert.deepEqual(readdirSync(folder), made, 'left in the folder for temporary files');
  assert.deepEqual(canCount ? descendants() : [], []);
  rmSync(folder, { recursive: true });
  rmSync(logs, { recursive: true });
});
