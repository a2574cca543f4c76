import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { bare, variable } from '../core/index.js';
import { emptied, UNREAD } from './emptied.js';

/**
 * A stream of this process that goes where the parent's does, or ends in a pipe that the parent
 * reads.
 */
export type Standard = 'stdout' | 'stderr';

/**
 * The output of the code of calls, from the moment it is printed. A pipe takes only so much at a
 * time: the rest waits in this process, where an answer would overtake it and an exit would throw
 * it away. The streams are not touched before: to open one changes it, also for the parent.
 */
export class Printed {
  /** The streams that an answer must not overtake. */
  awaited: readonly Standard[] = [];
  readonly #open = new Map<Standard, Writable>();
  readonly #empty: (() => void)[] = [];

  constructor() {
    this.#watch('stdout', 1);
    this.#watch('stderr', 2);
    // A program loaded by these may have printed: the `console` has the streams, and asks for them
    // no more.
    if (process.execArgv.length > 0 || variable('NODE_OPTIONS')) [process.stdout, process.stderr].forEach(Boolean);
  }

  /** Whether something that must not be overtaken is still here. */
  get isPending(): boolean {
    for (const [name, stream] of this.#open) if (stream.writableLength > 0 && !stream.destroyed && this.awaited.includes(name)) return true;
    return false;
  }

  /** Calls `then` when all that is here now is written. */
  whenWritten(then: () => void): void {
    const full = this.awaited.map((name) => this.#open.get(name)).filter((stream) => stream !== undefined && stream.writableLength > 0);
    let left = full.length;
    if (left === 0) return then();
    for (const stream of full) stream?.write('', () => --left === 0 && then());
  }

  /** Writes it all now, and from now on at once: the process is about to end. */
  empty(): void {
    for (const empty of this.#empty) empty();
  }

  #watch(name: Standard, fd: number): void {
    const { get } = Object.getOwnPropertyDescriptor(process, name) as { get: () => Writable };
    Object.defineProperty(
      process,
      name,
      bare({
        configurable: true,
        enumerable: true,
        get: () => {
          let stream = this.#open.get(name);
          if (stream === undefined) {
            stream = get.call(process);
            this.#open.set(name, stream);
            if (stream instanceof Socket && process.platform !== 'win32') this.#empty.push(emptied(stream, fd, UNREAD));
          }
          return stream;
        },
      }),
    );
  }
}
