import { kindOf, type OptionCheck, OptionError, secret } from '../../core/index.js';

/** What a key may be: text, or bytes. */
export type Key = string | Uint8Array;

/** The shortest key, in bytes: whoever can listen in at a handshake could try out shorter ones. */
const SHORTEST = 16;
const EXPECTED = `text or bytes, at least ${SHORTEST} bytes, as of randomBytes(32)`;

/** The option that is a key: no message shows it. */
export const key: OptionCheck = secret((v) => (bytesOf(v).length >= SHORTEST ? undefined : EXPECTED));

/** @param key As it passed the check. @throws {OptionError} if there is none. */
export function keyBytes(where: string, key: unknown): Uint8Array {
  if (key === undefined) throw new OptionError(`${where}: option "key" expects ${EXPECTED}, got ${kindOf(key)}`);
  return Uint8Array.from(bytesOf(key));
}

/** None of what is no key. */
function bytesOf(key: unknown): Uint8Array {
  if (typeof key === 'string') return Buffer.from(key);
  return key instanceof Uint8Array ? key : new Uint8Array(0);
}
