import type { Socket } from 'node:net';
import { bare, Deque, TooLargeError } from '../../core/index.js';
import { FrameSocket } from './frame-socket.js';
import { deaf, type Line, type LineEvents, sizeOf } from './line.js';
import type { Packed } from './packed.js';
import type { Seal } from './seal.js';

/** With this many bytes that nobody has taken, no more is read from the socket. */
const FULL = 262_144;

/** A socket of its own: when nobody takes, reading stops, the system's buffers fill, and the other side's `room` is false. */
export class SocketLine implements Line {
  events: LineEvents = deaf;
  readonly home = undefined;
  readonly wake = undefined;
  readonly parcel = undefined;
  readonly leave = undefined;
  readonly strayed = undefined;
  readonly most: number;
  readonly #frames: FrameSocket;
  readonly #inbox = new Deque<Packed>();
  #bytes = 0;
  #paused = false;
  #ended = false;
  #error: Error | undefined;
  #closed: (() => void)[] = [];

  /**
   * @param rest What came on the socket already.
   * @param seal Of its frames: it is at a path of the user's, and others may be in between.
   */
  constructor(socket: Socket, most: number, { rest, seal }: { rest: Buffer; seal: Seal }) {
    this.most = most;
    this.#frames = new FrameSocket(socket, bare({ most, seal }), {
      frame: (items) => this.#frame(items),
      room: () => this.events.room(),
      end: (error) => {
        this.#error ??= error;
        this.#end();
        for (const done of this.#closed.splice(0)) done();
      },
    });
    this.#frames.start(rest);
  }

  get room(): boolean {
    return !this.#ended && !this.#frames.full;
  }

  get waiting(): number {
    return this.#inbox.size;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get error(): Error | undefined {
    return this.#error;
  }

  write(packed: Packed, size: number): void {
    this.#frames.put(packed, size);
  }

  take(): Packed {
    const packed = this.#inbox.shift();
    this.#bytes -= sizeOf(packed);
    if (this.#paused && this.#bytes < FULL / 2) {
      this.#paused = false;
      this.#frames.resume();
    }
    return packed;
  }

  peek(): Packed {
    return this.#inbox.peek();
  }

  close(discard: boolean, done: () => void): void {
    if (this.#frames.over) done();
    else if (discard) {
      this.#closed.push(done);
      this.#frames.destroy();
    } else this.#frames.close(done);
    this.#end();
  }

  #frame(items: unknown[]): void {
    if (this.#ended) return;
    for (const packed of items) {
      if (ArrayBuffer.isView(packed) && packed.byteLength > this.most) {
        this.#frames.destroy(new TooLargeError(`A message of ${packed.byteLength} bytes came; at most ${this.most} are taken`));
        break;
      }
      this.#inbox.push(packed);
      this.#bytes += sizeOf(packed);
    }
    if (this.#bytes >= FULL && !this.#paused) {
      this.#paused = true;
      this.#frames.pause();
    }
    this.events.came();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.events.ended();
  }
}
