import { ConnectionClosedError, clock, Deque, type Parcel, type Timer, WireError } from '../../core/index.js';
import { deaf, type Line, type LineEvents, sizeOf } from '../connection/line.js';
import { MOST_BY_DEFAULT } from '../connection/listener.js';
import type { Packed } from '../connection/packed.js';
import { hub } from '../hub/hub.js';
import type { Answer, Peer, Service } from '../hub/service.js';
import { FromEnd, KIND, type Ticket, ToEnd, WINDOW } from './protocol.js';

/** How long an end that was passed on may be missing, once there is reason to doubt that it ever arrives, in ms. */
const OVERDUE = 10_000;
/** The same if its message may have been received: then its new holder is just about to tell. */
const DOUBT = 3000;

/**
 * One half of a pipe, in the thread that made it: what was sent to this end and not taken, wherever the end is. The rules are in the README of this folder.
 */
export class PipeHalf implements Line, Service {
  readonly wake = undefined;
  events: LineEvents = deaf;
  readonly most = MOST_BY_DEFAULT;
  readonly home = true;
  other: PipeHalf = this;
  /** What this end has not taken. A travelled end says how much it has: until then it is kept. */
  readonly #inbox = new Deque<Packed>();
  #bytes = 0;
  #place: 'here' | 'travels' | 'away' | 'gone' = 'here';
  #journey = 0;
  #holder: Peer | undefined;
  /** The journey on which it comes home: what its last holder has taken is not known yet. */
  #coming: number | undefined;
  /** Those who have passed it on, until somebody has it. */
  readonly #formers = new Set<Peer>();
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
    const ticket: Ticket = [...hub.where(hub.host(this)), (this.#coming ?? this.#journey) + 1];
    return { kind: KIND, parts: ticket };
  }

  leave(): void {
    this.events = deaf;
    if (this.#coming === undefined) this.#travel();
    else {
      this.#early.set(this.#coming, { peer: undefined, movedOn: true });
      this.#coming = undefined;
    }
  }

  strayed({ parts }: Parcel, surely: boolean): void {
    this.#strayed((parts as Ticket)[3], surely);
  }

  /** The end has come back to the thread that made the pipe. @returns `false` if somebody else has it. */
  comeHome(journey: number): boolean {
    if (this.#place === 'gone' || journey < this.#journey) return false;
    if (journey === this.#journey) {
      if (this.#place !== 'travels') return false;
      this.#place = 'here';
      this.#arrived();
    } else {
      if (this.#early.has(journey)) return false;
      this.#early.set(journey, { peer: undefined, movedOn: false });
      this.#coming = journey;
      this.#expect();
    }
    return true;
  }

  opened(peer: Peer, body: unknown): void {
    const journey = body as number | undefined;
    if (journey === undefined) return; // somebody who has something to tell
    if (!Number.isSafeInteger(journey)) throw new WireError('An end of a pipe arrived without the number of its journey');
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
      if (kind === FromEnd.DATA) this.#sent(body);
      else if (kind === FromEnd.TAKEN) this.#taken(body as number);
      else if (kind === FromEnd.MOVED) this.#moved(peer);
    } else if (kind === FromEnd.MOVED) {
      for (const early of this.#early.values()) if (early.peer === peer) early.movedOn = true;
    } else if (kind === FromEnd.STRAYED || kind === FromEnd.DOUBTFUL) this.#strayed(body as number, kind === FromEnd.STRAYED);
  }

  asked(peer: Peer, _body: unknown, answer: Answer): void {
    if (peer === this.#holder) this.#end();
    answer.ok();
  }

  closed(peer: Peer): void {
    if (this.#place === 'gone') return;
    if (peer === this.#holder) this.#end();
    else if (this.#formers.delete(peer)) this.#expect();
    else for (const early of this.#early.values()) if (early.peer === peer && !early.movedOn) this.#end();
  }

  /** From its holder, which waits when the window is full. */
  #sent(packed: Packed): void {
    if (this.other.#bytes >= WINDOW) throw new WireError(`More came to a pipe than the ${WINDOW} bytes that may wait for who receives`);
    this.other.#accept(packed);
  }

  #accept(packed: Packed): void {
    if (this.#place === 'gone') return;
    this.#inbox.push(packed);
    this.#bytes += sizeOf(packed);
    if (this.#place === 'here') this.events.came();
    else this.#holder?.tell(packed, ToEnd.DATA, sizeOf(packed));
  }

  #taken(count: number): void {
    if (!(Number.isSafeInteger(count) && count >= 0 && count <= this.#inbox.size))
      throw new WireError(`${count} messages were taken, of ${this.#inbox.size} that were sent`);
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
    this.#arrived();
    peer.tell(this.other.#bytes, ToEnd.YOURS);
    for (const packed of this.#inbox) peer.tell(packed, ToEnd.DATA, sizeOf(packed));
    if (this.other.#place === 'gone') peer.tell(undefined, ToEnd.END);
  }

  /** Its holder has passed it on, and told before how much it has taken. */
  #moved(former: Peer): void {
    this.#holder = undefined;
    this.#formers.add(former);
    this.#travel();
  }

  /**
   * It is on its next journey, or already at the end of that: whoever got it there may have been
   * faster than the news of it.
   */
  #travel(): void {
    this.#place = 'travels';
    this.#journey++;
    for (;;) {
      const early = this.#early.get(this.#journey);
      if (early === undefined) return;
      this.#early.delete(this.#journey);
      if (early.movedOn) {
        if (early.peer !== undefined) this.#formers.add(early.peer);
      } else if (early.peer === undefined) return this.#isHome();
      else return this.#give(early.peer);
      this.#journey++;
    }
  }

  /** Somebody has it: who passed it on has nothing more to tell. */
  #arrived(): void {
    if (this.#early.size === 0) {
      this.#overdue?.cancel();
      this.#overdue = undefined;
    }
    const formers = [...this.#formers];
    this.#formers.clear();
    for (const former of formers) former.close();
  }

  #strayed(journey: number, surely: boolean): void {
    if (this.#place !== 'travels' || journey !== this.#journey) return; // somebody has it
    if (surely) this.#end();
    else this.#expect(DOUBT);
  }

  #isHome(): void {
    this.#place = 'here';
    this.#coming = undefined;
    this.#arrived();
    if (this.#inbox.size > 0) this.events.came();
    if (this.ended) this.events.ended();
    else if (this.room) this.events.room();
  }

  #expect(within = OVERDUE): void {
    this.#overdue ??= clock.after(
      within,
      () => {
        this.#overdue = undefined;
        if (this.#early.size > 0 || this.#place === 'travels') this.#end();
      },
      true,
    );
  }

  /** This end is gone. What it has not taken, nobody will. */
  #end(): void {
    if (this.#place === 'gone') return;
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
    hub.end(this);
  }
}
