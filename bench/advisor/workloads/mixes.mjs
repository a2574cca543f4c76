import { createHash, pbkdf2 } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { churn, textBytes } from './data.mjs';
import { folder, url } from './setting.mjs';

const derive = promisify(pbkdf2);
const gzipped = promisify(gzip);
const bytes = textBytes(512 * 1024);

/** Computes a fixed amount, then waits. */
export async function workThenSleep({ rounds, ms }) {
  const value = churn(rounds);
  await sleep(ms);
  return value;
}

/** In turns, as a function does that asks for one thing after the other. */
export async function workAndSleepInTurns({ rounds, ms, times }) {
  let value = 0;
  for (let i = 0; i < times; i++) {
    value ^= churn(rounds);
    await sleep(ms);
  }
  return value;
}

/** A large answer, then the reading of it: an ordinary import job. */
export async function fetchAndParse({ ms, records }) {
  const response = await fetch(url(`/records/${records}/${ms}`));
  const list = JSON.parse(await response.text());
  return list.map(({ name, score }) => `${name} ${score.toFixed(3)}`).sort().length;
}

/** Waits, then has the pool compress. */
export async function fetchAndGzip(ms) {
  await (await fetch(url(`/wait/${ms}`))).text();
  return (await gzipped(bytes, { level: 6, chunkSize: 128 * 1024 })).length;
}

/** Mostly the pool's work, and some on the thread. */
export async function deriveThenWork({ rounds, steps }) {
  const key = await derive('secret', 'salt', rounds, 32, 'sha512');
  return key[0] ^ churn(steps);
}

/** A file, and its hash, which is made on the thread and takes far longer than the reading. */
export async function readAndHash(name) {
  const hash = createHash('sha3-512');
  hash.update(await readFile(join(folder(), name)));
  return hash.digest('hex');
}
