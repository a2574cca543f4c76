import { clock, type Timer } from '../core/index.js';
import { CallQueue, Samples } from '../futures/index.js';
import type { Crew } from './crew.js';
import type { PoolCall } from './pool-call.js';
import type { Seat } from './seat.js';
import { CREDIT } from './stream-reader.js';

/** How much work, in ms by estimate, may be under way to a worker. */
const AHEAD = 0.8;
/** One message is worked on, the next is there when that is done; what comes meanwhile gathers for the one after. */
const MESSAGES = 2;
/** The most calls in one message. */
const MOST = 1024;
/** A worker that has not answered for this long (ms) has the calls behind the one it runs taken back, if another worker is idle. */
const STUCK = 1;

/** What the dispatcher asks of its pool. */
export interface DispatchOwner {
  /** A chunk, a stream or a call with a time limit is about to be sent. */
  leaving(seat: Seat, call: PoolCall): void;
  opened(seat: Seat): void;
  /** A stream has come back that nobody reads any more. */
  unread(call: PoolCall): void;
}

/** Who runs next, where, and with how many others in one message (rules 5 and 6). */
export class Dispatcher {
  readonly queue = new CallQueue<PoolCall>();
  /** From submission to being sent, in ms. */
  readonly wait = new Samples();
  readonly #owner: DispatchOwner;
  readonly #crew: Crew;
  #concurrency: number;
  #flushAsked = false;
  #turnAt = 0;
  #thief: Timer | undefined;

  constructor(owner: DispatchOwner, crew: Crew, concurrency: number) {
    this.#owner = owner;
    this.#crew = crew;
    this.#concurrency = concurrency;
  }

  /** Of each worker, from now on. */
  set concurrency(n: number) {
    this.#concurrency = n;
    this.askFlush();
  }

  /** What one turn adds leaves together, when the turn is over. */
  enqueue(call: PoolCall): void {
    if (!this.#flushAsked) this.askFlush();
    call.queuedAt = this.#turnAt;
    this.queue.push(call);
  }

  askFlush(): void {
    if (this.#flushAsked) return;
    this.#flushAsked = true;
    this.#turnAt = clock.now();
    queueMicrotask(() => {
      this.#flushAsked = false;
      this.#flush();
    });
  }

  #flush(): void {
    const seats = [...this.#crew.seats]; // one that is retired on the way must not hide the next
    const share = this.#share();
    for (let i = 0; i < seats.length && this.queue.size > 0; i++) this.#fill(seats[i], share, this.#turnAt);
    while (this.queue.size > 0 && !this.#crew.full) {
      const seat = this.#crew.open();
      if (seat === undefined) return;
      this.#owner.opened(seat);
      this.#fill(seat, share, this.#turnAt);
    }
  }

  /** What one worker may take of what waits, so that the others have work too. */
  #share(): number {
    return Math.ceil(this.queue.size / this.#crew.size);
  }

  /** Gives a seat what it has room for: up to its concurrency whatever it is, beyond that only calls known to be short. */
  #fill(seat: Seat, share: number, now: number): void {
    if (seat.isRetired || (seat.state !== 'starting' && seat.state !== 'up')) return;
    if (seat.epochFull) this.putBack(seat.recall());
    let batch: PoolCall[] = [];
    let ahead = seat.load;
    let count = 0;
    const first = this.queue.peek();
    if (first === undefined) return;
    this.wait.add(now - first.queuedAt);
    // What it runs takes longer than was thought: what is sent now would wait behind it.
    const stuck = seat.size > 0 && now - seat.heardAt > STUCK;
    if (seat.size === 0) seat.heardAt = now;
    while (count < MOST && seat.callsLeft > batch.length) {
      const call = this.queue.peek();
      if (call === undefined) break;
      const ms = call.estimate ?? Number.POSITIVE_INFINITY;
      if (seat.size + batch.length >= this.#concurrency) {
        if (stuck || seat.messages >= MESSAGES || ahead + ms > AHEAD || count >= share) break;
      } else if (count >= share && count > 0) break;
      this.queue.shift();
      count++;
      ahead += ms;
      if (call.chunk || call.stream) {
        if (batch.length > 0) seat.send(batch);
        batch = [];
        this.#owner.leaving(seat, call);
        seat.sendLong(call, CREDIT);
      } else {
        if (batch.length > 0 && batch[0].timed !== call.timed) {
          seat.send(batch);
          batch = [];
        }
        if (call.timed) this.#owner.leaving(seat, call);
        batch.push(call);
      }
    }
    if (batch.length > 0) seat.send(batch);
    if (seat.callsLeft <= 0) this.#crew.retire(seat);
  }

  /** A worker has answered. */
  roomAt(seat: Seat): void {
    if (this.queue.size > 0)
      this.#fill(seat, this.#share(), seat.heardAt); // it has just been heard
    else if (seat.size === 0) this.#steal();
  }

  /** Back to the front of the queue, in the order they had. */
  putBack(calls: readonly PoolCall[]): void {
    for (let i = calls.length - 1; i >= 0; i--) {
      const call = calls[i];
      if (call.future.settled) continue;
      if (call.stream?.hasLeft) {
        this.#owner.unread(call);
        continue;
      }
      call.again();
      call.queuedAt = clock.now();
      this.queue.putBack(call);
    }
    // Also with none: whoever took them back may have made room for those that wait already.
    if (this.queue.size > 0) this.askFlush();
  }

  /** A worker is idle and nothing waits: calls that wait behind a long one elsewhere are its to run. */
  #steal(): void {
    if (this.#thief) return;
    const now = clock.now();
    let soon = false;
    for (const seat of this.#crew.seats) {
      if (!seat.recallable || seat.size <= this.#concurrency) continue;
      if (now - seat.heardAt > STUCK) this.putBack(seat.recall());
      else soon = true;
    }
    if (!soon) return;
    this.#thief = clock.after(STUCK, () => {
      this.#thief = undefined;
      if (this.queue.size === 0 && this.#crew.seats.some((seat) => seat.size === 0)) this.#steal();
    });
  }
}
