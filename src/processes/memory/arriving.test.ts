import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import type { BlockParts } from './block.js';
import { freshPath, openFile } from './files.js';
import { SharedMemory } from './shared-memory.js';

const path = freshPath();
after(() => rmSync(path));

/** A process that has a file open, and what it would send of it. */
async function maker(size: number) {
  writeFileSync(path, 'some bytes');
  truncateSync(path, size);
  const { dev, ino } = statSync(path);
  const script = `console.log(require('node:fs').openSync(${JSON.stringify(path)}, 'r+')); setInterval(() => undefined, 1e6)`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = await once(child.stdout, 'data');
  const parts: BlockParts & { name: undefined } = {
    pid: child.pid as number,
    fd: Number(text),
    id: `${dev}:${ino}`,
    size,
    path: undefined,
    name: undefined,
  };
  const end = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { parts, end };
}

test('what has been used outlives its maker; what has not is an error at its first use, and no crash', async () => {
  const { parts, end } = await maker(5000);
  const early = SharedMemory.arrived(parts);
  assert.equal(early.read(0, 4).length, 4);
  await end();
  const late = SharedMemory.arrived(parts);
  assert.equal(Buffer.from(early.read(0, 10)).toString(), 'some bytes');
  for (const use of [() => late.buffer, () => late.read(), () => late.write(new Uint8Array(1))])
    assert.throws(use, { code: 'MEANTIME_CONNECTION_CLOSED', message: new RegExp(`process ${parts.pid}, from which it came`) });
  assert.equal(late.closed, false);
  early.close();
  late.close();
  assert.equal(late.closed, true);
});

test('a number that is another file’s by now, or a block smaller than was said, is an error', async () => {
  const { parts, end } = await maker(5000);
  const another = SharedMemory.arrived({ ...parts, id: '1:1' });
  assert.throws(() => another.read(), { code: 'MEANTIME_CONNECTION_CLOSED' });
  truncateSync(path, 100);
  const cut = SharedMemory.arrived(parts);
  assert.throws(() => cut.read(), { code: 'MEANTIME_WIRE', message: /said to have 5000 bytes, and has 100/ });
  await end();
});

test('opening leaves no descriptor behind where it fails', async () => {
  const { parts, end } = await maker(100);
  const probe = () => {
    const fd = openFile(path);
    process.getBuiltinModule('node:fs').closeSync(fd);
    return fd;
  };
  const before = probe();
  for (let i = 0; i < 20; i++) assert.throws(() => SharedMemory.arrived({ ...parts, id: '1:1' }).read());
  for (let i = 0; i < 20; i++) assert.throws(() => SharedMemory.arrived({ ...parts, size: 101 }).read());
  assert.equal(probe(), before, 'the next descriptor has the same number');
  await end();
});
