import type { Writable } from 'node:stream';

/**
 * How much a thread may be ahead of what has been written, before a writer that listens to
 * back-pressure is told to wait.
 */
const AHEAD = 64 * 1024;

/**
 * Sends what was written to stdout (`from` 1) or stderr (2) and is to be written to the descriptor
 * `to` of the process.
 */
type Post = (from: number, to: number, chunk: string | Uint8Array, encoding: BufferEncoding) => void;

/**
 * Sends what this thread writes through its port, at once. Node's own way keeps all but the first
 * chunk here until the other side has asked for more, so a call's answer would overtake what the
 * call has printed, and the end of the program would lose it. On one port nothing overtakes.
 */
export class ThreadOutput {
  readonly #streams: readonly [Redirected, Redirected];

  /** @param stdoutTo The descriptor that stdout goes to. */
  constructor(post: Post, stdoutTo: 1 | 2) {
    const stdout = new Redirected(process.stdout, 1, stdoutTo, post);
    this.#streams = [stdout, new Redirected(process.stderr, 2, 2, post)];
  }

  /** The other side has written so much. */
  written(stream: number, size: number): void {
    this.#streams[stream - 1]?.written(size);
  }
}

class Redirected {
  readonly #stream: Writable;
  #ahead = 0;
  #isWaiting = false;

  constructor(stream: Writable, from: number, to: number, post: Post) {
    this.#stream = stream;
    // The stream itself is changed, and not replaced: a `console` that was used before has it.
    stream._writev = undefined;
    stream._write = (chunk: string | Uint8Array, encoding, done) => {
      this.#ahead += chunk.length;
      // Bytes of their own: a part of a large buffer would take all of that along.
      post(from, to, typeof chunk === 'string' ? chunk : new Uint8Array(chunk), encoding);
      done();
    };
    const write = stream.write as (...args: unknown[]) => boolean;
    stream.write = (...args: unknown[]) => {
      const isFree = write.apply(stream, args);
      if (this.#ahead < AHEAD) return isFree;
      this.#isWaiting = true;
      return false;
    };
  }

  written(size: number): void {
    this.#ahead -= size;
    if (!this.#isWaiting || this.#ahead >= AHEAD) return;
    this.#isWaiting = false;
    this.#stream.emit('drain');
  }
}
