import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

/** The fingerprint of a file and what it weighs before and after gzip. */
export async function digest(path) {
  const bytes = await readFile(path);
  const zipped = gzipSync(bytes, { level: 9 });
  return { path, bytes: bytes.length, zipped: zipped.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
