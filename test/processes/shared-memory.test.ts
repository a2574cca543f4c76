import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SharedMemory } from 'meantime/processes';
import { isGone, until } from '../fixtures/calls/pools.js';
import { checkSharedMemory } from './shared-memory-suite.js';

checkSharedMemory('native');

function watchdogsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  return children.filter((child) => !isGone(child) && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('watchdog.entry'));
}

async function watchdog(): Promise<number> {
  await until('there is a watchdog', () => watchdogsOf(process.pid).length > 0);
  return watchdogsOf(process.pid)[0];
}

test('a watchdog that somebody killed is followed by another, and the last name takes it along', { timeout: 30_000 }, async (t) => {
  if (process.platform !== 'linux') return t.skip('it is found by /proc');
  const name = `test-${process.pid}-watched`;
  await until('those of other tests are gone', () => watchdogsOf(process.pid).length === 0);
  const block = SharedMemory.create({ size: 10, name });
  const first = await watchdog();
  process.kill(first, 'SIGKILL');
  await until('the first is gone', () => isGone(first));
  const second = await watchdog();
  assert.notEqual(second, first);
  assert.ok(existsSync(join(SharedMemory.support().folder, name)));
  block[Symbol.dispose]();
  await until('the second has ended by itself', () => isGone(second));
});
