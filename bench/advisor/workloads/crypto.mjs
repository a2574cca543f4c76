import { createHash, createSign, generateKeyPairSync, pbkdf2, pbkdf2Sync, randomFill, scrypt, scryptSync, sign, subtle } from 'node:crypto';
import { promisify } from 'node:util';
import { textBytes } from './data.mjs';

const derive = promisify(pbkdf2);
const stretch = promisify(scrypt);
const fill = promisify(randomFill);
const signed = promisify(sign);

const large = textBytes(8 * 1024 * 1024);
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
const message = textBytes(4096);

export function pbkdf2Now(rounds) {
  return pbkdf2Sync('secret', 'salt', rounds, 32, 'sha512').toString('hex');
}

export async function pbkdf2Later(rounds) {
  return (await derive('secret', 'salt', rounds, 32, 'sha512')).toString('hex');
}

export function scryptNow(cost) {
  return scryptSync('secret', 'salt', 32, { N: cost }).toString('hex');
}

export async function scryptLater(cost) {
  return (await stretch('secret', 'salt', 32, { N: cost, maxmem: 256 * 1024 * 1024 })).toString('hex');
}

/** The same buffer again and again: to make large ones would cost the thread as much as the bytes cost the pool. */
export async function randomBytesLater(times) {
  const buffer = Buffer.allocUnsafeSlow(512 * 1024);
  for (let i = 0; i < times; i++) await fill(buffer);
  return buffer[0];
}

export function hashLarge(algorithm) {
  return createHash(algorithm).update(large).digest('hex');
}

export function signMany(times) {
  let length = 0;
  for (let i = 0; i < times; i++) length += createSign('sha384').update(message).sign(privateKey).length;
  return length;
}

/** One after the other, each on a thread of the pool. */
export async function signLater(times) {
  let length = 0;
  for (let i = 0; i < times; i++) length += (await signed('sha384', message, privateKey)).length;
  return length;
}

export async function digestLater() {
  return (await subtle.digest('SHA-512', large)).byteLength;
}

/** A short hash, as for a cache key. */
export function shortHash(text) {
  return createHash('sha1').update(text).digest('base64');
}
