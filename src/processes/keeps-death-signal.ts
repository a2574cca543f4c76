import { bare } from '../core/index.js';

/** The kernel's own word for whether this program was started with more rights than its caller has. */
const AT_SECURE = 23n;

/**
 * Whether the signal that was set for the parent's death has outlived the start of this program: the kernel takes it back where a program gains rights, as a `node` with a
 * capability does. Read from the auxiliary vector, pairs of a kind and a value.
 */
export function keepsDeathSignal(): boolean {
  let bytes: Buffer;
  try {
    bytes = process.getBuiltinModule('node:fs').readFileSync('/proc/self/auxv', bare({}));
  } catch {
    return false; // there is no /proc, or it is not ours to read: who cannot tell watches by itself
  }
  const words = new BigUint64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~7)));
  for (let i = 0; i + 1 < words.length; i += 2) if (words[i] === AT_SECURE) return words[i + 1] === 0n;
  return false;
}
