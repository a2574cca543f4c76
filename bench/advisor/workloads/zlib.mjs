import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { brotliCompress, brotliCompressSync, constants, createDeflate, gunzipSync, gzip, gzipSync } from 'node:zlib';
import { textBytes } from './data.mjs';

const bytes = textBytes(512 * 1024);
const large = textBytes(2 * 1024 * 1024);
const packed = gzipSync(large);
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
const gzipped = promisify(gzip);
const brotli = promisify(brotliCompress);

export function gzipNow(level) {
  return gzipSync(bytes, { level }).length;
}

export function gunzipNow() {
  return gunzipSync(packed).length;
}

export function brotliNow() {
  return brotliCompressSync(bytes, quality).length;
}

/** In one piece, so that the thread hears of it once. */
export async function gzipLater(level) {
  return (await gzipped(bytes, { level, chunkSize: 128 * 1024 })).length;
}

export async function brotliLater() {
  return (await brotli(bytes, { ...quality, chunkSize: 128 * 1024 })).length;
}

/** Through a stream, 256 KB at a time. */
export async function deflateStream() {
  let length = 0;
  const chunks = Array.from({ length: 4 }, (_, i) => large.subarray(i * 256 * 1024, (i + 1) * 256 * 1024));
  const count = new Writable({
    write(chunk, _, done) {
      length += chunk.length;
      done();
    },
  });
  await pipeline(Readable.from(chunks), createDeflate({ level: 6, chunkSize: 256 * 1024 }), count);
  return length;
}
