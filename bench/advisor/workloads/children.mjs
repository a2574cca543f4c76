import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { textBytes } from './data.mjs';

const run = promisify(execFile);
const lines = textBytes(768 * 1024);

/** Stands still until another program is done. */
export function sleepSync(seconds) {
  return spawnSync('sleep', [seconds]).status;
}

/** The same, and here the other program computes. */
export function countSync(to) {
  return Number(execFileSync('/bin/sh', ['-c', `i=0; while [ $i -lt ${to} ]; do i=$((i+1)); done; echo $i`], { encoding: 'utf8' }));
}

export async function sleepLater(seconds) {
  return (await run('sleep', [seconds])).stdout.length;
}

/** Has another program compress what it is sent. */
export async function compressOutside(level) {
  const gzip = spawn('gzip', [`-${level}`, '-c'], { stdio: ['pipe', 'pipe', 'inherit'] });
  gzip.stdin.end(lines);
  const [packed] = await Promise.all([buffer(gzip.stdout), once(gzip, 'exit')]);
  return packed.length;
}
