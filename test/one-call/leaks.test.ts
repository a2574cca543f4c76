import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { activeProcesses } from 'meantime/processes';
import { activeThreads } from 'meantime/threads';
import { add, fail } from '../fixtures/one-call/calls.js';
import { kinds } from './kinds.js';

/** A process costs ten times what a thread does. */
const COUNTS = { thread: 200, process: 60 };
/** At a time. */
const LANES = 8;

const descriptors = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);
const resources = (): string => process.getActiveResourcesInfo().sort().join(' ');

for (const { kind, Kind } of kinds) {
  const count = COUNTS[kind];
  test(`${kind}: ${count} that end in every way leave no handle and no descriptor`, async () => {
    const ways = [
      async () => assert.equal(await Kind.start(add, 1, 2), 3),
      async () => assert.rejects(async () => await Kind.start(fail), RangeError),
      async () => Kind.start(add, 1, 2).terminate(),
      async () => {
        const one = Kind.start(add, 1, 2);
        one.cancel();
        await one.join();
      },
      async () => Kind.start(add, 1, 2).join(),
    ];
    await ways[0](); // what the first one loads stays
    await until0();
    const [before, held] = [descriptors(), resources()];
    let next = 0;
    const lane = async () => {
      while (next < count) await ways[next++ % ways.length]();
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    await until0();
    assert.equal(resources(), held);
    assert.equal(descriptors(), before);
  });
}

/** Those that answered may need a moment until they are gone. */
async function until0(): Promise<void> {
  for (const one of [...activeThreads(), ...activeProcesses()]) await one.join();
  await new Promise(setImmediate); // pipes are closed in the turn after
  await new Promise(setImmediate);
}
