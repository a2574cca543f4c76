import { randomUUID } from 'node:crypto';
import { appendFileSync, closeSync, fsyncSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { textBytes } from './data.mjs';
import { folder } from './setting.mjs';

const block = textBytes(16 * 1024);

/** Of a file that is in the system's cache. */
export function readCached() {
  return readFileSync(join(folder(), 'large')).length;
}

export function statMany(times) {
  let bytes = 0;
  for (let i = 0; i < times; i++) bytes += statSync(join(folder(), 'tree', `d${i % 12}`, `f${i % 20}`)).size;
  return bytes;
}

export function walk() {
  return readdirSync(join(folder(), 'tree'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
}

/** Writes, and each time waits until the disk has it. */
export function writeAndSync(times) {
  const path = join(folder(), randomUUID());
  const file = openSync(path, 'w');
  try {
    for (let i = 0; i < times; i++) {
      writeSync(file, block);
      fsyncSync(file);
    }
  } finally {
    closeSync(file);
    rmSync(path);
  }
  return times * block.length;
}

/** Line after line, flushed, as a careful log does. */
export function appendFlushed(times) {
  const path = join(folder(), randomUUID());
  try {
    for (let i = 0; i < times; i++) appendFileSync(path, 'entry\n', { flush: true });
  } finally {
    rmSync(path);
  }
  return times;
}
