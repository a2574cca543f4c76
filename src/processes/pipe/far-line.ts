import { bare, type ConnectionClosedError, Deque, isCount, type Parcel, WireError } from '../../core/index.js';
import { deaf, type Line, type LineEvents, sizeOf } from '../connection/line.js';
import { MOST_BY_DEFAULT } from '../connection/listener.js';
import type { Packed } from '../connection/packed.js';
import { type FarChannel, openChannel } from '../hub/hub-client.js';
import { CLOSE, FromEnd, KIND, type Ticket, ToEnd, WINDOW } from './protocol.js';

/** The end of a pipe in another thread or process than the one that made it. */
export class FarLine implements Line {
  readonly home = undefined;
  events: LineEvents = deaf;
  readonly most = MOST_BY_DEFAULT;
  readonly #ticket: Ticket;
  /** Opened at the first use: until then the end is nobody's, and a call that is given to another worker takes it along. */
  #channel: FarChannel | undefined;
  readonly #inbox = new Deque<Packed>();
  #bytes = 0;
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
  }

  wake(): void {
    if (!this.#ended) this.#open();
  }

  #open(): FarChannel {
    const [path, key, id, journey] = this.#ticket;
    this.#channel ??= openChannel([path, key, id], journey, {
      told: (body, kind) => this.#told(body, kind),
      closed: (error) => this.#closed(error),
    });
    return this.#channel;
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
    this.#channel?.tell(packed, FromEnd.DATA, size);
  }

  take(): Packed {
    const packed = this.#inbox.shift();
    const size = sizeOf(packed);
    this.#bytes -= size;
    this.#taken++;
    this.#takenBytes += size;
    if (this.#takenBytes >= WINDOW / 4) this.#tellTaken();
    return packed;
  }

  peek(): Packed {
    return this.#inbox.peek();
  }

  close(discard: boolean, done: () => void): void {
    const over = () => {
      this.#channel?.close();
      done();
    };
    if (this.#ended) return over();
    const channel = this.#open();
    this.#ended = true;
    if (discard) over();
    else channel.ask(CLOSE).then(over, over); // a half that is gone is closed, too
  }

  parcel(): Parcel {
    const [path, key, id, journey] = this.#ticket;
    // What was never used has not arrived here, as far as the half knows.
    const ticket: Ticket = [path, key, id, this.#channel === undefined ? journey : journey + 1];
    return { kind: KIND, parts: ticket };
  }

  leave(): void {
    this.events = deaf;
    this.#ended = true;
    if (this.#channel === undefined) return;
    if (this.#taken > 0) this.#tellTaken();
    this.#channel.tell(undefined, FromEnd.MOVED);
    this.#channel.flush(); // or the end could arrive over there before this does
  }

  strayed({ parts }: Parcel, surely: boolean): void {
    const [path, key, id, journey] = parts as Ticket;
    const kind = surely ? FromEnd.STRAYED : FromEnd.DOUBTFUL;
    if (this.#channel !== undefined) this.#channel.tell(journey, kind);
    else {
      // It was passed on without having been used.
      const channel = openChannel([path, key, id], undefined, bare({}));
      channel.tell(journey, kind);
      channel.close();
    }
  }

  #tellTaken(): void {
    this.#channel?.tell(this.#taken, FromEnd.TAKEN);
    this.#taken = 0;
    this.#takenBytes = 0;
  }

  #told(body: unknown, kind: number): void {
    if (kind === ToEnd.DATA) {
      if (this.#bytes >= WINDOW) return this.#breaks(`more came than the ${WINDOW} bytes that may wait here`);
      this.#inbox.push(body);
      this.#bytes += sizeOf(body);
      this.events.came();
    } else if (kind === ToEnd.CREDIT) {
      if (!(isCount(body) && body <= this.#under)) return this.#breaks('credit came for what was never sent');
      this.#under -= body;
      if (this.room) this.events.room();
    } else if (kind === ToEnd.YOURS) {
      if (!isCount(body)) return this.#breaks('it was given without the bytes that are under way');
      this.#under = body;
      this.#yours = true;
      if (this.room) this.events.room();
    } else if (kind === ToEnd.END) this.#end();
  }

  #breaks(how: string): void {
    this.#error = new WireError(`The other side of a pipe broke the protocol: ${how}`);
    this.#channel?.close();
    this.#end();
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
