import { type ConnectionClosedError, Deque, type Parcel } from '../../core/index.js';
import { deaf, type Line, type LineEvents, sizeOf } from '../connection/line.js';
import { MOST_BY_DEFAULT } from '../connection/listener.js';
import type { Packed } from '../connection/packed.js';
import { type FarChannel, openChannel } from '../hub/hub-client.js';
import { CLOSE, FromEnd, KIND, type Ticket, ToEnd, WINDOW } from './protocol.js';

/** The end of a pipe in another thread or process than the one that made it. */
export class FarLine implements Line {
  events: LineEvents = deaf;
  readonly most = MOST_BY_DEFAULT;
  readonly #ticket: Ticket;
  readonly #channel: FarChannel;
  readonly #inbox = new Deque<Packed>();
  /** Bytes that were sent, and not taken as far as is known. */
  #under = 0;
  /** Messages that were taken, and their bytes, since the half was told. */
  #taken = 0;
  #takenBytes = 0;
  #yours = false;
  #ended = false;
  #error: Error | undefined;

  constructor(ticket: Ticket) {
    this.#ticket = ticket;
    const [path, key, id, journey] = ticket;
    this.#channel = openChannel([path, key, id], journey, {
      told: (body, kind) => this.#told(body, kind),
      closed: (error) => this.#closed(error),
    });
  }

  get room(): boolean {
    return this.#yours && !this.#ended && this.#under < WINDOW;
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

  write(packed: Packed): void {
    const size = sizeOf(packed);
    this.#under += size;
    this.#channel.tell(packed, FromEnd.DATA, size);
  }

  take(): Packed {
    const packed = this.#inbox.shift();
    this.#taken++;
    this.#takenBytes += sizeOf(packed);
    if (this.#takenBytes >= WINDOW / 4) this.#tellTaken();
    return packed;
  }

  peek(): Packed {
    return this.#inbox.peek();
  }

  close(discard: boolean, done: () => void): void {
    if (this.#ended) {
      this.#channel.close();
      done();
      return;
    }
    this.#ended = true;
    if (discard) {
      this.#channel.close();
      done();
      return;
    }
    const over = () => {
      this.#channel.close();
      done();
    };
    this.#channel.ask(CLOSE).then(over, over); // a half that is gone is closed, too
  }

  parcel(): Parcel {
    const [path, key, id, journey] = this.#ticket;
    const ticket: Ticket = [path, key, id, journey + 1];
    return { kind: KIND, parts: ticket };
  }

  leave(): void {
    this.events = deaf;
    this.#ended = true;
    if (this.#taken > 0) this.#tellTaken();
    this.#channel.tell(undefined, FromEnd.MOVED);
    this.#channel.flush(); // or the end could arrive over there before this does
  }

  strayed({ parts }: Parcel, surely: boolean): void {
    this.#channel.tell((parts as Ticket)[3], surely ? FromEnd.STRAYED : FromEnd.DOUBTFUL);
  }

  #tellTaken(): void {
    this.#channel.tell(this.#taken, FromEnd.TAKEN);
    this.#taken = 0;
    this.#takenBytes = 0;
  }

  #told(body: unknown, kind: number): void {
    if (kind === ToEnd.DATA) {
      this.#inbox.push(body);
      this.events.came();
    } else if (kind === ToEnd.CREDIT) {
      this.#under -= body as number;
      if (this.room) this.events.room();
    } else if (kind === ToEnd.YOURS) {
      this.#under = body as number;
      this.#yours = true;
      if (this.room) this.events.room();
    } else if (kind === ToEnd.END) this.#end();
  }

  #closed(error: ConnectionClosedError): void {
    // That a stream has ended is no error. That it was never ours is one.
    if (!this.#yours) this.#error = error;
    this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.events.ended();
  }
}
