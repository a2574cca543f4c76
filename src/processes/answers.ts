import { Socket } from 'node:net';
import { socketOptions } from '../core/index.js';
import { emptied } from './emptied.js';
import type { Printed } from './printed.js';

/** The messages of this process to its parent, on its descriptor 3. */
export class Answers {
  readonly socket = new Socket(socketOptions({ fd: 3, readable: false, writable: true }));
  readonly #printed: Printed;
  readonly #frame: (message: unknown[], beside: boolean) => Buffer;
  readonly #empty: () => void;
  /** Results that wait until what their calls have printed is written. */
  readonly #held: Buffer[] = [];

  /** @param frame Writes a message; `beside`: its large buffers may go beside the stream. */
  constructor(printed: Printed, frame: (message: unknown[], beside: boolean) => Buffer) {
    this.#printed = printed;
    this.#frame = frame;
    // The parent, which reads there, ends this process when it is to end: as long as the parent is
    // alive, so is the data that waits for it.
    this.#empty = process.platform === 'win32' ? () => undefined : emptied(this.socket, 3, Number.POSITIVE_INFINITY);
  }

  /**
   * @param isResult Only results wait. All else says how far the calls have come, which the parent
   * has to know whatever becomes of this process.
   * @throws if it cannot be cloned; nothing has been sent then.
   */
  post(message: unknown[], isResult: boolean): void {
    const isHeld = isResult && (this.#held.length > 0 || this.#printed.isPending);
    // Beside the stream the order is that of the writing: what is held would be overtaken.
    const frame = this.#frame(message, !isHeld);
    if (!isHeld) this.socket.write(frame);
    else if (this.#held.push(frame) === 1) this.#wait();
  }

  /** Writes it all now: the process is about to end. */
  empty(): void {
    this.#printed.empty();
    this.#release(this.#held.length);
    this.#empty();
  }

  #wait(): void {
    const count = this.#held.length;
    this.#printed.whenWritten(() => {
      this.#release(count);
      if (this.#held.length > 0) this.#wait();
    });
  }

  #release(count: number): void {
    for (const frame of this.#held.splice(0, count)) this.socket.write(frame);
  }
}
