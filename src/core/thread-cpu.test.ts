import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clock } from './clock.js';
import { threadCpu, threadQueued } from './thread-cpu.js';

const isKnown = threadCpu() !== undefined;

test('it is known on Linux, and wherever Node tells it', () => {
  assert.equal(isKnown, process.platform === 'linux' || 'threadCpuUsage' in process);
});

test('a loop uses the processor, a sleep does not', { skip: !isKnown && 'nothing here tells the time of a thread' }, () => {
  const used = (fn: () => void): { cpu: number; wall: number } => {
    const [cpu, at] = [threadCpu() as number, clock.now()];
    fn();
    return { cpu: (threadCpu() as number) - cpu, wall: clock.now() - at };
  };
  const until = (ms: number) => () => {
    const end = clock.now() + ms;
    while (clock.now() < end);
  };
  const slept = used(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50));
  assert.ok(slept.cpu < 20, `${slept.cpu} of ${slept.wall} ms`);
  const spun = used(until(50));
  // How much of 50 ms a busy machine gives is its own business; never more than there was.
  assert.ok(spun.cpu > 5 && spun.cpu <= spun.wall + 1, `${spun.cpu} of ${spun.wall} ms`);
});

test('the time in line for a processor is known on Linux, and only grows', () => {
  const before = threadQueued();
  assert.equal(before !== undefined, process.platform === 'linux');
  if (before !== undefined) assert.ok((threadQueued() as number) >= before && before >= 0);
});
