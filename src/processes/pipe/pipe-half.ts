import { ConnectionClosedError, clock, Deque, type Parcel, type Timer } from '../../core/index.js';
import { deaf, type Line, type LineEvents, sizeOf } from '../connection/line.js';
import { MOST_BY_DEFAULT } from '../connection/listener.js';
import type { Packed } from '../connection/packed.js';
import { hub } from '../hub/hub.js';
import type { Answer, Peer, Service } from '../hub/service.js';
import { FromEnd, KIND, type Ticket, ToEnd, WINDOW } from './protocol.js';

/** How long an end may be awaited that somebody has passed on, and that has not been heard of, in ms. */
const OVERDUE = 10_000;

/**
 * One half of a pipe, in the thread that made it: what was sent to this end and not taken, wherever the end is. The rules are in the README of this folder.
 */
export class PipeHalf implements Line, Service {
  events: LineEvents = deaf;
  readonly most = MOST_BY_DEFAULT;
  other: PipeHalf = this;
  /** What this end has not taken. A travelled end says how much it has: until then it is kept. */
  readonly #inbox = new Deque<Packed>();
  #bytes = 0;
  /** Where the end is. `back`: it comes back here, and what its last holder took is not known yet. */
  #place: 'here' | 'travels' | 'away' | 'back' | 'gone' = 'here';
  #journey = 0;
  #holder: Peer | undefined;
  /** Those whom the end was passed on to, and who were faster than the news of it. */
  readonly #early = new Map<number, { peer: Peer | undefined; movedOn: boolean }>();
  #overdue: Timer | undefined;

  get room(): boolean {
    return this.#place === 'here' && this.other.#place !== 'gone' && this.other.#bytes < WINDOW;
  }

  get waiting(): number {
    return this.#place === 'here' ? this.#inbox.size : 0;
  }

  get ended(): boolean {
    return this.#place === 'gone' || (this.#place === 'here' && this.other.#place === 'gone');
  }

  get error(): Error | undefined {
    return undefined;
  }

  write(packed: Packed): void {
    this.other.#accept(packed);
  }

  take(): Packed {
    const packed = this.#inbox.peek();
    this.#taken(1);
    return packed;
  }

  peek(): Packed {
    return this.#inbox.peek();
  }

  close(_discard: boolean, done: () => void): void {
    this.#end();
    done();
  }

  parcel(): Parcel {
    if (this.#place === 'here') {
      this.#place = 'travels';
      this.#journey++;
      this.events = deaf;
    }
    const ticket: Ticket = [...hub.where(hub.host(this)), this.#journey];
    return { kind: KIND, parts: ticket };
  }

  /** The end has come back to the thread that made the pipe. @returns `false` if somebody else has it. */
  comeHome(journey: number): boolean {
    if (this.#place === 'gone' || journey < this.#journey) return false;
    if (journey === this.#journey) {
      if (this.#place !== 'travels') return false;
      this.#place = 'here';
    } else {
      if (this.#early.has(journey)) return false;
      this.#early.set(journey, { peer: undefined, movedOn: false });
      this.#expect();
    }
    return true;
  }

  opened(peer: Peer, body: unknown): void {
    const journey = body as number;
    if (this.#place === 'gone') throw new ConnectionClosedError('This end of the pipe was closed');
    if (journey < this.#journey || (journey === this.#journey && this.#place !== 'travels') || this.#early.has(journey)) {
      throw new ConnectionClosedError('This end of the pipe was taken by another process or thread: it can be passed to one');
    }
    if (journey === this.#journey) this.#give(peer);
    else {
      this.#early.set(journey, { peer, movedOn: false });
      this.#expect();
    }
  }

  told(peer: Peer, body: unknown, kind: number): void {
    if (peer === this.#holder) {
      if (kind === FromEnd.DATA) this.other.#accept(body);
      else if (kind === FromEnd.TAKEN) this.#taken(body as number);
      else this.#moved();
    } else if (kind === FromEnd.MOVED) {
      for (const early of this.#early.values()) if (early.peer === peer) early.movedOn = true;
    }
  }

  asked(peer: Peer, _body: unknown, answer: Answer): void {
    if (peer === this.#holder) this.#end();
    answer.ok();
  }

  closed(peer: Peer): void {
    if (peer === this.#holder) this.#end();
    else for (const early of this.#early.values()) if (early.peer === peer && !early.movedOn) this.#end();
  }

  #accept(packed: Packed): void {
    if (this.#place === 'gone') return;
    this.#inbox.push(packed);
    this.#bytes += sizeOf(packed);
    if (this.#place === 'here') this.events.came();
    else this.#holder?.tell(packed, ToEnd.DATA, sizeOf(packed));
  }

  #taken(count: number): void {
    let bytes = 0;
    for (let i = 0; i < count; i++) bytes += sizeOf(this.#inbox.shift());
    const hadRoom = this.#bytes < WINDOW;
    this.#bytes -= bytes;
    const { other } = this;
    if (other.#holder !== undefined) other.#holder.tell(bytes, ToEnd.CREDIT);
    else if (!hadRoom && this.#bytes < WINDOW) other.events.room();
  }

  #give(peer: Peer): void {
    this.#place = 'away';
    this.#holder = peer;
    peer.tell(this.other.#bytes, ToEnd.YOURS);
    for (const packed of this.#inbox) peer.tell(packed, ToEnd.DATA, sizeOf(packed));
    if (this.other.#place === 'gone') peer.tell(undefined, ToEnd.END);
  }

  /** Its holder has passed it on, and told before how much it has taken. */
  #moved(): void {
    this.#holder = undefined;
    this.#place = 'travels';
    this.#journey++;
    for (;;) {
      const early = this.#early.get(this.#journey);
      if (early === undefined) return;
      this.#early.delete(this.#journey);
      if (this.#early.size === 0) this.#overdue?.cancel();
      if (!early.movedOn) {
        if (early.peer !== undefined) this.#give(early.peer);
        else this.#isHome();
        return;
      }
      this.#journey++;
    }
  }

  #isHome(): void {
    this.#place = 'here';
    if (this.#inbox.size > 0) this.events.came();
    if (this.ended) this.events.ended();
    else if (this.room) this.events.room();
  }

  #expect(): void {
    this.#overdue ??= clock.after(
      OVERDUE,
      () => {
        this.#overdue = undefined;
        if (this.#early.size > 0) this.#end();
      },
      true,
    );
  }

  /** This end is gone. What it has not taken, nobody will. */
  #end(): void {
    if (this.#place === 'gone') return;
    const hosted = this.#journey > 0;
    this.#place = 'gone';
    this.#holder = undefined;
    this.#overdue?.cancel();
    this.#early.clear();
    while (this.#inbox.size > 0) this.#inbox.shift();
    this.#bytes = 0;
    this.events.ended();
    const { other } = this;
    if (other.#holder !== undefined) other.#holder.tell(undefined, ToEnd.END);
    else if (other.#place === 'here') other.events.ended();
    if (hosted) hub.unhost(hub.host(this));
  }
}
