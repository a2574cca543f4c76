import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { environment, play, programAt } from './debug-mode.js';

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  for (const isDebugging of [false, true]) {
    test(`a program that listens for ${signal} itself is not dead${isDebugging ? '; debug mode says what it waits for' : ''}`, async () => {
      const child = spawn(process.execPath, [programAt('waits-for-signal.mjs'), signal], { env: environment(isDebugging) });
      let [stdout, stderr] = ['', ''];
      const ready = new Promise<void>((resolve) => {
        child.stdout.on('data', (data) => {
          stdout += data;
          if (!isDebugging) resolve();
        });
        child.stderr.on('data', (data) => {
          stderr += data;
          if (stderr.includes('waits for event')) resolve();
        });
      });
      const closed = once(child, 'close');
      await ready;
      child.kill(signal);
      const [code] = await closed;
      assert.deepEqual([stdout, code], ['ready\nstopped\n', 0], stderr);
      if (isDebugging) {
        assert.match(
          stderr,
          new RegExp(`MEANTIME_WAITS_FOR_SIGNAL\\] WaitsForSignal: Only ${signal} can wake these tasks now\\nmain #1: waits for event for`),
        );
      } else assert.equal(stderr, '');
    });
  }
}

test('a deadlock of many shows some of them, and says how many more there are', async () => {
  const { stdout } = await play('deadlock.mjs', false, '1000');
  const lines = stdout.trim().split('\n');
  assert.match(lines[0], /^Nothing can ever wake these tasks/);
  assert.equal(lines.length, 202);
  assert.equal(lines.at(-1), '… and 802 more');
  assert.match(lines[3], /^ {3}├─ task #2: waits for lock for \d+ ms$/);
});
