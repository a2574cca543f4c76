import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { coreQuota } from './quota.js';

function root(t: TestContext, files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'quota-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

test('version 2: the tightest quota of the group and of those it is in', (t) => {
  const files = {
    'proc/self/cgroup': '0::/outer/inner\n',
    'sys/fs/cgroup/outer/inner/cpu.max': 'max 100000\n',
    'sys/fs/cgroup/outer/cpu.max': '150000 100000\n',
  };
  assert.equal(coreQuota(root(t, files)), 1.5);
  assert.equal(coreQuota(root(t, { ...files, 'sys/fs/cgroup/outer/inner/cpu.max': '50000 100000\n' })), 0.5);
  assert.equal(coreQuota(root(t, { ...files, 'sys/fs/cgroup/outer/cpu.max': 'max 100000\n' })), Number.POSITIVE_INFINITY);
});

test("version 2 in a container: the group's path is the host's, and only the root is there", (t) => {
  assert.equal(coreQuota(root(t, { 'proc/self/cgroup': '0::/../../docker/abc\n', 'sys/fs/cgroup/cpu.max': '200000 100000\n' })), 2);
});

test('version 1: quota and period are two files, and -1 is no quota', (t) => {
  const files = {
    'proc/self/cgroup': '4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n0::/\n',
    'sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us': '300000\n',
    'sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us': '100000\n',
  };
  assert.equal(coreQuota(root(t, files)), 3);
  assert.equal(coreQuota(root(t, { ...files, 'sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us': '-1\n' })), Number.POSITIVE_INFINITY);
});

test('no control groups, or files that say something else: no quota', (t) => {
  assert.equal(coreQuota(root(t, {})), Number.POSITIVE_INFINITY);
  assert.equal(coreQuota(root(t, { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': 'nonsense\n' })), Number.POSITIVE_INFINITY);
});
