import { clock, type Leaving, letLeave, type Timer } from '../core/index.js';
import { joinStacks } from '../futures/index.js';
import {
  Arrivals,
  type Boot,
  Claims,
  CODED,
  EPOCH_CALLS,
  encodeFailure,
  needsCode,
  notCloneable,
  ToPool,
  ToWorker,
} from '../wire/index.js';
import { faultIn, saidInstead } from './fault-in.js';
import { InFlight } from './in-flight.js';
import { callsMessage, codeFrom, FunctionIds, longMessage, type Receiver, unsendable } from './outgoing.js';
import type { ChunkPart, PoolCall, SentMessage } from './pool-call.js';
import type { PortableFunction } from './portable-function.js';
import type { Link, LinkEnd, LinkUsage, Transport } from './transport.js';

/** What a seat tells its pool. */
export interface SeatOwner {
  /** A call has been answered. */
  answered(seat: Seat, call: PoolCall, ok: boolean, value: unknown): void;
  /** A message of answers has been worked through: there may be room for more calls. */
  roomAt(seat: Seat, ms: number, target: PortableFunction | undefined): void;
  /** A call cannot be sent: only that call fails. */
  unsendable(call: PoolCall, error: unknown): void;
  up(seat: Seat): void;
  /** Nothing of a chunk was sent: its next input cannot travel. */
  skipped(call: PoolCall): void;
  /** The initializer failed. */
  unfit(seat: Seat, error: unknown): void;
  /** The error for what was lost with a worker. */
  lossOf(seat: Seat, end: LinkEnd, call: PoolCall | undefined): Error;
  /** The worker is gone. `lost` may have been started there, `unstarted` have not. */
  gone(seat: Seat, end: LinkEnd, lost: PoolCall[], unstarted: PoolCall[]): void;
}

/** Numbers of calls that are not claimed (broadcasts), far from those that are. */
const NOW_BASE = 2 ** 40;

/** Half of the epochs that a claim word can tell apart: a worker that has not answered may still hold messages of the first. */
const MOST_RECALLS = 1000;

/**
 * One worker's life: what has been sent to it, what it has answered, and what is known of the rest when it dies.
 * It decides nothing: who runs next is the pool's business. The states and rules are in README.md.
 */
export class Seat {
  state: 'starting' | 'up' | 'ending' | 'gone' = 'starting';
  callsLeft: number;
  /** Its pool lets it go: it finishes what it has, and gets no more. */
  isRetired = false;
  idleSince = 0;
  /** When it last answered. */
  heardAt = 0;
  /** Why the pool ended it, if it did. */
  endReason: string | undefined;
  /** Its setup failed. */
  unfitFor: { error: unknown } | undefined;
  wasUp = false;
  /** It said what is no message: nothing that follows is acted upon. */
  isGarbled = false;
  readonly #owner: SeatOwner;
  #concurrency: number;
  readonly #link: Link;
  readonly #claims: Claims | undefined;
  readonly #arrivals = new Arrivals(
    (kind, message) => this.#receive(kind, message),
    (error) => this.#garbled(`it said what cannot be read: ${(error as Error).message}`),
  );
  readonly #calls = new InFlight<PoolCall>();
  /** Messages of calls that have not been answered in full: a few. */
  readonly #messages: SentMessage[] = [];
  readonly #now = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  readonly #ids = new FunctionIds((message) => this.#link.post(message));
  readonly #receiver: Receiver;
  #nowSeq = NOW_BASE;
  /** The first call of this epoch (rule 2). */
  #epochFirst = 0;
  #epoch = 0;
  /** Without shared memory: the last call that may have been started (rule 4). */
  #begun = -1;
  #held = false;
  /** Calls under way whose arguments have moved there: they cannot be taken back. */
  #moving = 0;
  /** Recalls since the worker last answered: their number must not come near that of the epochs. */
  #recalls = 0;
  #killTimer: Timer | undefined;

  constructor(owner: SeatOwner, transport: Transport, boot: Boot, maxCalls: number) {
    this.#owner = owner;
    this.#concurrency = boot.concurrency;
    this.callsLeft = maxCalls;
    this.#claims = transport.shares ? new Claims() : undefined;
    this.#link = transport.open(boot, this.#claims, {
      message: (message) => this.#heard(message),
      end: (end) => this.#arrivals.whenIdle(() => this.#ended(end)),
    });
    this.#receiver = { ids: this.#ids, carrier: this.#link.carrier };
    this.heardAt = this.idleSince = clock.now();
    this.#hold();
  }

  /** Calls under way. */
  get size(): number {
    return this.#calls.size;
  }

  /** Whether it has anything to do, calls or broadcasts. */
  get busy(): boolean {
    return this.#calls.size > 0 || this.#now.size > 0;
  }

  /** Messages that have not been answered in full. */
  get messages(): number {
    return this.#messages.length;
  }

  /** How long what is under way will take, in ms by estimate; Infinity if nothing is known. */
  get load(): number {
    let ms = 0;
    for (const message of this.#messages) ms += message.calls * message.each;
    return ms;
  }

  get id(): number {
    return this.#link.id;
  }

  /** Whether unstarted calls can be taken back exactly. */
  get recallable(): boolean {
    return this.#claims !== undefined && this.#moving === 0 && this.#recalls < MOST_RECALLS;
  }

  calls(): Iterable<PoolCall> {
    return this.#calls;
  }

  /** Sends calls of one kind of timing in one message. */
  send(calls: PoolCall[]): void {
    try {
      const { message, transfer, leaving } = callsMessage(calls, this.#epoch, this.#calls.next, this.#receiver);
      this.#link.post(message, transfer);
      letLeave(leaving);
    } catch (error) {
      if (calls.length === 1) this.#owner.unsendable(calls[0], unsendable(calls[0], error));
      else for (const call of calls) if (!call.future.settled) this.send([call]); // the failure of one may have cancelled the next
      return;
    }
    const sent = this.#message(calls[0], calls.length);
    for (const call of calls) this.#sent(call, sent);
  }

  /** Sends a chunk or a stream. */
  sendLong(call: PoolCall, credit: number): void {
    const { chunk } = call;
    try {
      const { message, transfer, leaving } = longMessage(call, credit, this.#epoch, this.#calls.next, this.#receiver);
      this.#link.post(message, transfer);
      letLeave(leaving);
    } catch (error) {
      if (chunk === undefined) this.#owner.unsendable(call, unsendable(call, error));
      else this.#sendAround(call, chunk, credit, error);
      return;
    }
    this.#sent(call, this.#message(call, 1));
  }

  /** An input of a chunk cannot travel: it alone fails, those before and after it go on. */
  #sendAround(call: PoolCall, chunk: ChunkPart, credit: number, cause: unknown): void {
    const bad = chunk.inputs.findIndex((input, i) => i >= chunk.from && i < chunk.to && !this.#link.carries(input));
    if (bad < 0) return this.#owner.unsendable(call, unsendable(call, cause)); // each can, but not together: too large, perhaps
    chunk.unsendable = notCloneable(`The call of ${call.name}`, [chunk.inputs[bad]], () => `input ${bad}`, cause);
    chunk.to = bad;
    if (bad > chunk.from) this.sendLong(call, credit);
    else this.#owner.skipped(call);
  }

  /** Runs a function there at once, beside whatever runs. */
  now(target: PortableFunction, args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const seq = this.#nowSeq++;
      const message = [ToWorker.NOW, seq, this.#ids.of(target), args];
      try {
        const leaving: Leaving[] = [];
        this.#link.post(needsCode(args) ? codeFrom(message, 3, this.#link.carrier, leaving) : message);
        letLeave(leaving);
      } catch (error) {
        reject(notCloneable(`The broadcast of ${target.fn.name || 'anonymous function'}`, args, (i) => `argument ${i + 1}`, error));
        return;
      }
      this.#now.set(seq, { resolve, reject });
      this.#hold();
    });
  }

  /** From now on it runs at most this many calls at a time. What is running goes on. */
  setConcurrency(n: number): void {
    if (n === this.#concurrency || this.state === 'ending' || this.state === 'gone') return;
    this.#concurrency = n;
    this.#link.post([ToWorker.SLOTS, n]);
  }

  /** What it has used since its start; `undefined` where that cannot be told. */
  usage(): LinkUsage | undefined {
    return this.#link.usage?.();
  }

  grant(call: PoolCall, n: number): void {
    if (this.#calls.get(call.sentAs) === call) this.#link.post([ToWorker.CREDIT, call.sentAs, n]);
  }

  close(call: PoolCall): void {
    if (this.#calls.get(call.sentAs) === call) this.#link.post([ToWorker.CLOSE, call.sentAs]);
  }

  /** Takes back what was sent and has not been started (rule 2). */
  recall(): PoolCall[] {
    if (!this.#claims || this.#calls.next === this.#epochFirst) return [];
    this.#recalls++;
    const firstUnstarted = this.#epochFirst + this.#claims.recall();
    this.#epoch = this.#claims.epoch;
    const back: PoolCall[] = [];
    for (let seq = firstUnstarted; seq < this.#calls.next; seq++) {
      const call = this.#calls.get(seq);
      if (call === undefined) continue;
      this.#forget(call);
      this.callsLeft++;
      back.push(call);
    }
    this.#epochFirst = this.#calls.next;
    this.#release();
    return back;
  }

  /**
   * Tells a running call to stop, and ends the worker if it has not let go `grace` ms after it is known to run.
   *
   * @returns calls that were taken back because the cancelled one had not started: they can run elsewhere.
   */
  stop(call: PoolCall, reason: unknown, grace: number): PoolCall[] {
    const seq = call.sentAs;
    if (this.#calls.get(seq) !== call) return [];
    let back: PoolCall[] = [];
    if (this.#claims && this.recallable && seq >= this.#epochFirst + this.#claims.claimed()) {
      back = this.recall().filter((other) => other !== call);
      if (this.#calls.get(seq) !== call) return back; // else it was claimed a moment before the recall
    }
    this.#link.post([ToWorker.ABORT | CODED, seq, encodeFailure(reason, 'The reason of a cancellation', this.#link.carrier)]);
    let running = this.#runs(seq);
    const late = () => {
      if (this.#calls.get(seq) !== call || this.state === 'gone') return;
      if (running) return this.kill(`the call of ${call.name} was cancelled and had not let go after ${grace} ms`);
      running = this.#runs(seq); // its grace begins when it does
      clock.after(grace, late, true);
    };
    clock.after(grace, late, true); // the worker itself holds the process while it runs
    return back;
  }

  /** Whether a call runs there now. Without shared memory: it may have been started, and no more are before it than can run at a time. */
  #runs(seq: number): boolean {
    if (!this.wasUp) return true; // nothing will run before its setup ends, and that may never be
    if (this.#claims) return seq < this.#epochFirst + this.#claims.claimed();
    const call = this.#calls.get(seq);
    if (call?.timed) return call.rare?.started === true;
    if (seq > this.#begun) return false;
    let before = 0;
    for (const call of this.#calls) if (call.sentAs < seq) before++;
    return before < this.#concurrency;
  }

  /** Lets it finish what it has and end by itself; `failed` says so in its exit code. */
  end(patience: number, failed = false): void {
    if (this.state === 'ending' || this.state === 'gone') return;
    this.state = 'ending';
    this.endReason ??= 'the pool let it go';
    this.#link.hold(true); // whoever waits for its end must not wait in an empty event loop
    this.#link.post(failed ? [ToWorker.END, 1] : [ToWorker.END]);
    this.#killTimer = clock.after(patience, () => this.kill('it did not end by itself'));
  }

  kill(reason: string): void {
    if (this.state === 'gone') return;
    this.endReason ??= reason;
    this.state = 'ending';
    this.#link.kill();
  }

  // --- from the worker

  #heard(message: unknown[]): void {
    if (this.isGarbled) return;
    const fault = faultIn(message);
    if (fault === undefined) this.#arrivals.receive(message);
    else this.#garbled(fault);
  }

  #garbled(fault: string): void {
    this.isGarbled = true;
    this.kill(fault);
  }

  #receive(kind: number, message: unknown[]): void {
    switch (kind) {
      case ToPool.RESULTS:
        this.heardAt = clock.now();
        this.#recalls = 0;
        this.#results(message);
        return;
      case ToPool.PART:
      case ToPool.PART_FAILED: {
        const call = this.#calls.get(message[1] as number);
        const chunk = call?.chunk;
        const at = (chunk?.from ?? 0) + (message[2] as number);
        if (!call || !chunk || at + (kind === ToPool.PART ? (message[3] as ArrayLike<unknown>).length : 1) > chunk.to)
          return this.#garbled(saidInstead(message));
        if (call.future.settled) return; // it was cancelled, and all of it has been answered for
        if (kind === ToPool.PART_FAILED) {
          chunk.answered = at + 1;
          chunk.over = chunk.stop;
          joinStacks(message[3], call.origin);
          chunk.sink.failed(at, message[3]);
        } else {
          const values = message[3] as ArrayLike<unknown>;
          chunk.answered = at + values.length;
          chunk.bound = chunk.from + (message[4] as number);
          if (values.length > 0) chunk.sink.values(at, values);
        }
        return;
      }
      case ToPool.STARTED: {
        const rare = this.#calls.get(message[1] as number)?.rare;
        if (rare) rare.started = true;
        rare?.began?.();
        return;
      }
      case ToPool.BEGUN:
        if ((message[1] as number) >= this.#calls.next) return this.#garbled(saidInstead(message));
        this.#begun = message[1] as number;
        return;
      case ToPool.ITEMS:
        this.#calls.get(message[1] as number)?.stream?.put(message[2] as unknown[]);
        return;
      case ToPool.READY:
        if (this.state === 'starting') this.state = 'up';
        this.wasUp = true;
        this.#owner.up(this);
        this.#release();
        return;
      case ToPool.UNFIT:
        this.#owner.unfit(this, message[1]);
        return;
    }
  }

  #results(message: unknown[]): void {
    let target: PortableFunction | undefined;
    for (let i = 2; i < message.length; i += 2) {
      const code = message[i] as number;
      const ok = code >= 0;
      const seq = ok ? code : -code - 1;
      if (!Number.isSafeInteger(seq)) return this.#garbled(saidInstead(message));
      const call = this.#calls.get(seq);
      if (call !== undefined) {
        if (!call.chunk && !call.stream) target = call.target;
        this.#forget(call);
        this.#owner.answered(this, call, ok, message[i + 1]);
      } else if (!this.#answerNow(seq, ok, message[i + 1])) return this.#garbled(saidInstead(message));
    }
    this.#owner.roomAt(this, message[1] as number, target);
    this.#release();
  }

  /** @returns Whether that was out. */
  #answerNow(seq: number, ok: boolean, value: unknown): boolean {
    const waiting = this.#now.get(seq);
    if (waiting === undefined) return false;
    this.#now.delete(seq);
    if (ok) waiting.resolve(value);
    else waiting.reject(value);
    return true;
  }

  #ended(end: LinkEnd): void {
    this.state = 'gone';
    this.#killTimer?.cancel();
    const firstUnstarted = this.#claims ? this.#epochFirst + this.#claims.claimed() : this.#begun + 1;
    const lost: PoolCall[] = [];
    const unstarted: PoolCall[] = [];
    for (const call of [...this.#calls]) {
      const seq = call.sentAs;
      if (call.chunk && this.#claims && seq < firstUnstarted) call.chunk.bound = call.chunk.from + this.#claims.started();
      // A timed call says itself when it starts.
      const started = this.#claims || !call.timed ? seq < firstUnstarted : call.rare?.started === true;
      call.seat = undefined;
      (started ? lost : unstarted).push(call);
    }
    this.#calls.clear();
    this.#owner.gone(this, end, lost, unstarted);
    const waiting = [...this.#now.values()];
    this.#now.clear();
    for (const { reject } of waiting) reject(this.unfitFor ? this.unfitFor.error : this.#owner.lossOf(this, end, undefined));
  }

  // --- bookkeeping

  #message(first: PoolCall, calls: number): SentMessage {
    const message = { calls, each: first.estimate ?? Number.POSITIVE_INFINITY };
    this.#messages.push(message);
    return message;
  }

  #sent(call: PoolCall, message: SentMessage): void {
    call.seat = this;
    call.sentAs = this.#calls.push(call);
    call.sentWith = message;
    if (call.options.transfer && this.#claims) {
      call.extra.moved = true;
      this.#moving++;
    }
    this.callsLeft--;
    call.start();
    if (!this.#held) this.#hold();
  }

  #forget(call: PoolCall): void {
    this.#calls.delete(call.sentAs);
    call.seat = undefined;
    if (call.rare?.moved) this.#moving--;
    const message = call.sentWith as SentMessage;
    if (--message.calls === 0) this.#messages.splice(this.#messages.indexOf(message), 1);
  }

  #hold(): void {
    this.#held = true;
    this.#link.hold(true);
  }

  #release(): void {
    if (!this.#held || this.#calls.size > 0 || this.#now.size > 0 || this.state === 'ending' || this.state === 'gone') return;
    this.#held = false;
    this.idleSince = this.heardAt;
    this.#link.hold(false);
    if (this.#claims && this.#calls.next - this.#epochFirst > EPOCH_CALLS / 2) this.recall(); // nothing is out: only a new epoch
  }

  /** Whether the epoch is nearly used up; then the pool must recall. */
  get epochFull(): boolean {
    return this.recallable && this.#calls.next - this.#epochFirst > EPOCH_CALLS / 2;
  }
}
