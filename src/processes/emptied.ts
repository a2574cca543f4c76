import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';

/**
 * How long a stream that nobody reads is waited for at the end of the process, in ms, if there is a
 * limit.
 */
export const UNREAD = 1000;

interface Inside extends Socket {
  /** Bytes that the system has not taken yet. */
  readonly _handle?: { readonly writeQueueSize: number } | null;
}

type Chunk = { chunk: string | Uint8Array; encoding: BufferEncoding };

/**
 * Makes a socket one that can be emptied without its event loop, for the end of the process: an
 * exit throws away what the system has not taken yet.
 *
 * @param limit The most to wait, in ms, while nothing of it is read.
 * @returns Writes what is left, and from then on everything at once, by writes that block.
 */
export function emptied(socket: Socket, fd: number, limit: number): () => void {
  const write = socket._write as (bytes: Buffer, encoding: string, done: (error?: Error | null) => void) => void;
  let current: { bytes: Buffer; done: () => void } | undefined;
  let isBlocking = false;
  socket._write = (chunk: string | Uint8Array, encoding: BufferEncoding, done: (error?: Error | null) => void) => {
    const bytes = toBytes({ chunk, encoding });
    if (isBlocking) {
      writeBlocking(fd, bytes, limit);
      return done();
    }
    const mine = { bytes, done };
    current = mine;
    write.call(socket, bytes, 'buffer', (error) => {
      if (current !== mine) return; // the end of the process has seen to it
      current = undefined;
      done(error);
    });
  };
  socket._writev = (chunks: Chunk[], done: (error?: Error | null) => void) =>
    socket._write(Buffer.concat(chunks.map(toBytes)), 'buffer' as BufferEncoding, done);
  return () => {
    isBlocking = true;
    if (current === undefined) return;
    const { bytes, done } = current;
    current = undefined;
    const left = (socket as Inside)._handle?.writeQueueSize ?? 0;
    writeBlocking(fd, bytes.subarray(bytes.length - left), limit);
    done(); // and what waits behind it follows
  };
}

const toBytes = ({ chunk, encoding }: Chunk): Buffer =>
  typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

const sleeper = new Int32Array(new SharedArrayBuffer(4));

function writeBlocking(fd: number, bytes: Buffer, limit: number): void {
  let still = 0;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
      still = 0;
    } catch (error) {
      // Full: its reader needs a while. Anything else: there is no reader any more.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || ++still > limit) return;
      Atomics.wait(sleeper, 0, 0, 1);
    }
  }
}
