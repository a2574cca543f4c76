import type { Writable } from 'node:stream';

/**
 * The output that waits until a stream of this process takes more; one listener for all threads.
 */
const waiting = new Map<Writable, (() => void)[]>();

/**
 * Writes to this process's stdout or stderr what a thread wrote. `taken` is called when there is
 * room for more.
 */
export function writeOutput(descriptor: 1 | 2, chunk: string | Uint8Array, encoding: BufferEncoding, taken: () => void): void {
  const stream = descriptor === 1 ? process.stdout : process.stderr;
  const hasRoom = typeof chunk === 'string' ? stream.write(chunk, encoding) : stream.write(chunk);
  if (hasRoom) return taken();
  const others = waiting.get(stream);
  if (others !== undefined) {
    others.push(taken);
    return;
  }
  const all = [taken];
  waiting.set(stream, all);
  stream.once('drain', () => {
    waiting.delete(stream);
    for (const one of all) one();
  });
}
