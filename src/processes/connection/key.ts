import { OptionError } from '../../core/index.js';

/** What a key may be: text, or bytes. */
export type Key = string | Uint8Array;

/** The shortest key, in bytes: whoever can listen in at a handshake could try out shorter ones. */
const SHORTEST = 16;

/** @throws {OptionError} */
export function keyBytes(where: string, key: unknown): Uint8Array {
  const bytes = typeof key === 'string' ? Buffer.from(key) : key;
  if (!(bytes instanceof Uint8Array)) throw new OptionError(`${where}: option "key" expects text or bytes, got ${String(key)}`);
  if (bytes.length < SHORTEST)
    throw new OptionError(`${where}: option "key" expects at least ${SHORTEST} bytes, as of randomBytes(32), got ${bytes.length}`);
  return Uint8Array.from(bytes);
}
