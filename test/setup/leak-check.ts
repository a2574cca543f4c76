import { AsyncResource } from 'node:async_hooks';
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import { after, beforeEach } from 'node:test';
import type { Worker } from 'node:worker_threads';

/** What is told to end may need this long (ms) until it is gone. */
const GRACE = 2000;
/** Stdio on a terminal, and what ends with the turn. */
const harmless = new Set(['TTYWrap', 'Immediate']);

/** Workers and children, also those that do not keep the process alive: no list of active resources shows them. */
const alive = new Map<object, string>();

function watchBirths(): void {
  subscribe('worker_threads', (message) => {
    const { worker } = message as { worker: Worker };
    alive.set(worker, `worker thread ${worker.threadId}`);
    worker.once('exit', () => alive.delete(worker));
  });
  subscribe('child_process', (message) => {
    const child = (message as { process: ChildProcess }).process;
    alive.set(child, 'child process');
    child.once('spawn', () => alive.has(child) && alive.set(child, `child process ${child.pid}: ${child.spawnargs.join(' ')}`));
    child.once('exit', () => alive.delete(child));
    child.once('error', () => child.pid === undefined && alive.delete(child));
  });
}

function countResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    if (!harmless.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** The shared pools of `toThread` and `toProcess` have no owner who could shut them down: see shared-pools.ts. */
const mayIdle = (): boolean => Symbol.for('meantime.test.shared-pools') in globalThis;

function leftovers(atStart: Map<string, number>): string[] {
  const found = mayIdle() ? [] : [...alive.values()];
  for (const [name, count] of countResources()) {
    const extra = count - (atStart.get(name) ?? 0);
    if (extra > 0) found.push(`${extra} x ${name}`);
  }
  return found;
}

/** Once the tests of this file are over, nothing that they started may be alive: what is left fails the file by name. */
export function checkLeaks(): void {
  const atStart = countResources();
  watchBirths();
  const look = async () => {
    const until = performance.now() + GRACE;
    let found = leftovers(atStart);
    while (found.length > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      found = leftovers(atStart);
    }
    if (found.length === 0) return;
    const text = `${process.argv[1]} leaves alive: ${found.join('; ')}`;
    writeSync(2, `${text}\n`);
    // What is left might keep this process for ever; the runner needs a moment to send the report.
    setTimeout(() => process.exit(1), 1000).unref();
    throw new Error(text);
  };
  // Such hooks run in the order in which they were set: when the first test begins, those of the file itself have been. Bound, or it would
  // belong to that test and not to the file.
  let set = false;
  beforeEach(
    AsyncResource.bind(async () => {
      if (set) return;
      set = true;
      await new Promise(setImmediate);
      after(look);
    }),
  );
}
