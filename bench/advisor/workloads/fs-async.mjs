import { randomUUID } from 'node:crypto';
import { read } from 'node:fs';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { textBytes } from './data.mjs';
import { folder } from './setting.mjs';

const block = textBytes(16 * 1024);
const MB = 1024 * 1024;

/** Of a file that is in the system's cache, in the pieces in which Node reads it. */
export async function readCached() {
  return (await readFile(join(folder(), 'large'))).length;
}

/** The same file in pieces of 2 MB into one buffer, more than once: the thread has nothing to do but to wait for the pool. */
export async function readInPieces(passes) {
  const buffer = Buffer.allocUnsafeSlow(2 * MB);
  const file = await open(join(folder(), 'large'));
  const next = (at) =>
    new Promise((resolve, reject) => {
      read(file.fd, buffer, 0, buffer.length, at, (error, n) => (error ? reject(error) : resolve(n)));
    });
  try {
    let bytes = 0;
    for (let pass = 0; pass < passes; pass++) {
      for (let at = 0, got = 1; got > 0; at += got) {
        got = await next(at);
        bytes += got;
      }
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** All at once. */
export async function statMany(times) {
  const path = (i) => join(folder(), 'tree', `d${i % 12}`, `f${i % 20}`);
  const all = await Promise.all(Array.from({ length: times }, (_, i) => stat(path(i))));
  return all.reduce((bytes, { size }) => bytes + size, 0);
}

/** Writes, and each time waits until the disk has it. */
export async function writeAndSync(times) {
  const path = join(folder(), randomUUID());
  const file = await open(path, 'w');
  try {
    for (let i = 0; i < times; i++) {
      await file.write(block);
      await file.sync();
    }
  } finally {
    await file.close();
    await rm(path);
  }
  return times * block.length;
}
