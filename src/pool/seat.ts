import { clock, letLeave, messageOf, outside, type Timer, WireError } from '../core/index.js';
import { Arrivals, type Boot, Claims, EPOCH_CALLS, failureMessage, needsCode, notCloneable, ToPool, ToWorker } from '../wire/index.js';
import { faultIn, saidInstead } from './fault-in.js';
import { callsMessage, codeFrom, FunctionIds, longMessage, type Receiver, unsendable } from './outgoing.js';
import type { ChunkPart, PoolCall, SentMessage } from './pool-call.js';
import type { PortableFunction } from './portable-function.js';
import type { SeatOwner } from './seat-owner.js';
import { type NotBegun, StartWatch, type Step } from './start-watch.js';
import { mayEnd, takePart } from './take-part.js';
import type { Link, LinkEnd, LinkUsage, Transport } from './transport.js';
import { Underway } from './underway.js';

/** Numbers of calls that are not claimed (broadcasts), far from those that are. */
const NOW_BASE = 2 ** 40;

/** Half of the epochs that a claim word can tell apart: a worker that has not answered may still hold messages of the first. */
const MOST_RECALLS = 1000;

/** The least time, in ms, for a worker to take a cancelled call and to let go of it. */
const TAKE = 100;

/** How long a worker lives and how much it is given. */
export interface SeatLimits {
  maxCalls: number;
  /** See `PoolOptions.startTimeout`. */
  startTimeout: number;
}

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
  /** It was ended because it did not get through this in time. */
  tooLate: { error: unknown; step: Step } | undefined;
  /** It said what is no message: nothing that follows is acted upon. */
  fault: WireError | undefined;
  readonly #owner: SeatOwner;
  readonly #link: Link;
  readonly #claims: Claims | undefined;
  readonly #arrivals = new Arrivals(
    (message) => this.#taken(message),
    (error) => this.#garbled(`it said what cannot be read: ${messageOf(error)}`, error),
  );
  readonly #under: Underway;
  /** Messages of calls that have not been answered in full: a few. */
  readonly #messages: SentMessage[] = [];
  readonly #ids = new FunctionIds((message) => this.#link.post(message));
  readonly #receiver: Receiver;
  #nowSeq = NOW_BASE;
  #epoch = 0;
  #held = false;
  /** Calls under way whose arguments have moved there: they cannot be taken back. */
  #moving = 0;
  /** Recalls since the worker last answered: their number must not come near that of the epochs. */
  #recalls = 0;
  #killTimer: Timer | undefined;
  #killed = false;
  /** When it is next looked at whether anybody waits for its start. */
  #lookAt = Number.POSITIVE_INFINITY;
  /** It has been asked whether it listens, and has not answered. */
  #isAsked = false;
  readonly #watch: StartWatch;

  constructor(owner: SeatOwner, transport: Transport, boot: Boot, { maxCalls, startTimeout }: SeatLimits) {
    this.#owner = owner;
    this.callsLeft = maxCalls;
    this.#claims = transport.shares ? new Claims() : undefined;
    this.#under = new Underway(boot, this.#claims);
    this.#watch = new StartWatch(
      startTimeout,
      () => this.#under.step(),
      (step, ms) => {
        this.tooLate = { error: owner.notInTime(this, step, ms), step };
        this.kill(`after ${ms} ms (startTimeout) ${step.doing}`);
      },
    );
    // A worker is everybody's: its messages come in no call's context, also not in the first one's.
    this.#link = outside(() =>
      transport.open(boot, this.#claims, {
        message: (message) => this.#heard(message),
        end: (end) => this.#arrivals.whenIdle(() => this.#ended(end)),
      }),
    );
    this.#receiver = { ids: this.#ids, carrier: this.#link.carrier };
    this.heardAt = this.idleSince = clock.now();
    this.#hold();
  }

  /** Its set-up is over. */
  get wasUp(): boolean {
    return this.#under.wasUp;
  }

  /** Calls under way. */
  get size(): number {
    return this.#under.calls.size;
  }

  /** Whether it has anything to do, calls or broadcasts. */
  get busy(): boolean {
    return this.#under.size > 0;
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
    return this.#under.calls;
  }

  /** Sends calls of one kind of timing in one message. */
  send(calls: PoolCall[]): void {
    try {
      const { message, transfer, leaving } = callsMessage(calls, this.#epoch, this.#under.calls.next, this.#receiver);
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
      const { message, transfer, leaving } = longMessage(call, credit, this.#epoch, this.#under.calls.next, this.#receiver);
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
        const coded = needsCode(args) ? codeFrom(message, 3, this.#link.carrier) : undefined;
        this.#link.post(coded?.message ?? message);
        letLeave(coded?.leaving);
      } catch (error) {
        reject(notCloneable(`The broadcast of ${target.fn.name || 'anonymous function'}`, args, (i) => `argument ${i + 1}`, error));
        return;
      }
      this.#under.now.set(seq, { target, started: false, loading: false, resolve, reject });
      this.#hold();
    });
  }

  /** From now on it runs at most this many calls at a time. What is running goes on. */
  setConcurrency(n: number): void {
    if (n === this.#under.concurrency || this.state === 'ending' || this.state === 'gone') return;
    this.#under.concurrency = n;
    this.#link.post([ToWorker.SLOTS, n]);
  }

  /** What it has used since its start; `undefined` where that cannot be told. */
  usage(): LinkUsage | undefined {
    return this.#link.usage?.();
  }

  grant(call: PoolCall, n: number): void {
    if (this.#under.calls.get(call.sentAs) === call) this.#link.post([ToWorker.CREDIT, call.sentAs, n]);
  }

  close(call: PoolCall): void {
    if (this.#under.calls.get(call.sentAs) === call) this.#link.post([ToWorker.CLOSE, call.sentAs]);
  }

  /** Takes back what was sent and has not been started (rule 2). */
  recall(): PoolCall[] {
    if (!this.#claims || this.#under.calls.next === this.#under.epochFirst) return [];
    this.#recalls++;
    const firstUnstarted = this.#under.epochFirst + this.#claims.recall();
    this.#epoch = this.#claims.epoch;
    const back: PoolCall[] = [];
    for (let seq = firstUnstarted; seq < this.#under.calls.next; seq++) {
      const call = this.#under.calls.get(seq);
      if (call === undefined) continue;
      this.#forget(call);
      this.callsLeft++;
      back.push(call);
    }
    this.#under.epochFirst = this.#under.calls.next;
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
    if (this.#under.calls.get(seq) !== call) return [];
    let back: PoolCall[] = [];
    if (this.#claims && this.recallable && seq >= this.#under.epochFirst + this.#claims.claimed()) {
      back = this.recall().filter((other) => other !== call);
      if (this.#under.calls.get(seq) !== call) {
        if (!this.wasUp) this.endUnlessWanted(grace);
        else if (this.#under.step() !== 'runs') this.#endUnlessItListens(grace);
        return back;
      } // else it was claimed a moment before the recall
    }
    const { carrier } = this.#link;
    this.#link.post(failureMessage([ToWorker.ABORT, seq], reason, { what: 'The reason of a cancellation', carrier }));
    let isUpTo = this.#under.isUpTo(call);
    // The worker itself holds the process while it runs.
    const look = () => clock.after(isUpTo && this.#under.isTaken(call) ? grace : Math.max(grace, TAKE), late, true);
    const late = () => {
      if (this.#under.calls.get(seq) !== call || this.state === 'gone') return;
      if (isUpTo) return this.kill(`the call of ${call.name} was cancelled and had not let go after ${grace} ms`);
      isUpTo = this.#under.isUpTo(call); // its grace begins when it does
      look();
    };
    look();
    return back;
  }

  /** Gives up broadcasts: they reject at once; a worker that has not answered in `grace` ms ends. */
  stopNow(reason: unknown, grace: number): void {
    const given = [...this.#under.now];
    if (given.length === 0) return;
    for (const [, { reject }] of given) reject(reason);
    const late = () => {
      if (given.some(([seq]) => this.#under.now.has(seq))) this.kill(`a broadcast was cancelled and had not let go after ${grace} ms`);
    };
    clock.after(this.wasUp ? grace : Math.max(grace, TAKE), late, true);
  }

  /** Ends a worker that is not up, if nobody has waited for it for `grace` ms. */
  endUnlessWanted(grace: number): void {
    const due = clock.now() + Math.max(grace, TAKE);
    if (this.wasUp || due >= this.#lookAt) return; // looked at by then: a thousand calls may be cancelled at once
    this.#lookAt = due;
    const late = () => {
      if (this.#lookAt === due) this.#lookAt = Number.POSITIVE_INFINITY;
      if (this.state === 'starting' && !this.#under.isWanted) this.kill(`it was not up ${grace} ms after all its calls had been cancelled`);
    };
    clock.after(Math.max(grace, TAKE), late, true);
  }

  /**
   * A worker that was free to take a call and had not taken it when it was cancelled says within
   * `grace` ms that it still listens, or is ended.
   */
  #endUnlessItListens(grace: number): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#link.post([ToWorker.ASK]);
    const late = () => {
      if (!this.#isAsked || this.state !== 'up') return;
      if (this.#under.step() === 'runs') clock.after(Math.max(grace, TAKE), late, true);
      else this.kill(`it did not listen any more, ${grace} ms after a call was cancelled that it had not taken`);
    };
    clock.after(Math.max(grace, TAKE), late, true);
  }

  /** The step at which it is, if it is not up, or does not run the calls it was sent. */
  get notBegun(): NotBegun | undefined {
    return this.#watch.notBegun;
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
    if (this.#killed) return;
    this.#killed = true;
    this.#link.kill();
  }

  // --- from the worker

  #heard(message: unknown): void {
    if (this.fault !== undefined) return;
    const fault = faultIn(message, this.#under.size);
    if (fault === undefined) this.#arrivals.receive(message as unknown[]);
    else this.#garbled(fault);
  }

  /** Nothing that a worker says may be the end of more than this worker. */
  #taken(message: unknown[]): void {
    try {
      if (!this.#receive(message)) this.#garbled(saidInstead(message));
    } catch (cause) {
      this.#garbled(`it said what nobody knows what to do with: ${messageOf(cause)}`, cause);
    }
  }

  #garbled(fault: string, cause?: unknown): void {
    this.fault = new WireError(`The worker broke the protocol: ${fault}`, cause === undefined ? undefined : { cause });
    this.kill(fault);
  }

  /** @returns `false` if it cannot have said that, as things are. */
  #receive(message: unknown[]): boolean {
    const kind = message[0] as number;
    switch (kind) {
      case ToPool.RESULTS:
        this.heardAt = clock.now();
        this.#recalls = 0;
        return this.#results(message);
      case ToPool.PART:
      case ToPool.PART_FAILED:
        return takePart(this.#under.calls.get(message[1] as number), kind, message);
      case ToPool.LISTENS:
        if (!this.#isAsked) return false;
        this.#isAsked = false;
        return true;
      case ToPool.LOADING:
        if (!this.#under.loads(message[1] as number, message[2] as number)) return false;
        if (this.wasUp) this.#watch.restart();
        return true;
      case ToPool.STARTED:
        return this.#under.started(message[1] as number, message[2] as number);
      case ToPool.BEGUN:
        return this.#under.beginsUpTo(message[1] as number);
      case ToPool.ITEMS:
        return this.#under.calls.get(message[1] as number)?.stream?.put(message[2] as unknown[]) === true;
      case ToPool.READY:
        if (this.wasUp) return false;
        if (this.state === 'starting') this.state = 'up';
        this.#under.wasUp = true;
        this.#watch.restart();
        this.#owner.up(this);
        this.#release();
        return true;
      case ToPool.UNFIT:
        if (this.wasUp) return false;
        this.#owner.unfit(this, message[1]);
        return true;
      default:
        return false;
    }
  }

  #results(message: unknown[]): boolean {
    let target: PortableFunction | undefined;
    for (let i = 2; i < message.length; i += 2) {
      const code = message[i] as number;
      const ok = code >= 0;
      const seq = ok ? code : -code - 1;
      if (!Number.isSafeInteger(seq)) return false;
      const call = this.#under.calls.get(seq);
      if (call === undefined && this.#under.answerNow(seq, ok, message[i + 1])) continue;
      if (call === undefined) return false;
      if (call.chunk && ok && !mayEnd(call, call.chunk, message[i + 1])) return false;
      if (!call.chunk && !call.stream) target = call.target;
      this.#forget(call);
      this.#owner.answered(this, call, ok, message[i + 1]);
    }
    this.#owner.roomAt(this, message[1] as number, target);
    this.#release();
    return true;
  }

  #ended(end: LinkEnd): void {
    this.state = 'gone';
    this.#killTimer?.cancel();
    this.#watch.end();
    const firstUnstarted = this.#claims ? this.#under.epochFirst + this.#claims.claimed() : this.#under.begun + 1;
    const lost: PoolCall[] = [];
    const unstarted: PoolCall[] = [];
    for (const call of [...this.#under.calls]) {
      const seq = call.sentAs;
      if (call.chunk && this.#claims && seq < firstUnstarted) call.chunk.bound = call.chunk.from + this.#claims.started();
      // A timed call says itself when it starts; one whose module could not be loaded here is not
      // tried elsewhere.
      const isStuck = this.tooLate !== undefined && call.rare?.loading === true;
      const started = isStuck || (this.#claims || !call.timed ? seq < firstUnstarted : call.rare?.started === true);
      if (isStuck) call.extra.timedOut = this.tooLate?.error as Error;
      call.seat = undefined;
      (started ? lost : unstarted).push(call);
    }
    this.#under.calls.clear();
    this.#owner.gone(this, end, lost, unstarted);
    const waiting = [...this.#under.now.values()];
    this.#under.now.clear();
    const failed = this.unfitFor ?? this.tooLate;
    for (const { reject } of waiting) reject(failed ? failed.error : this.#owner.lossOf(this, end, undefined));
  }

  // --- bookkeeping

  #message(first: PoolCall, calls: number): SentMessage {
    const message = { calls, each: first.estimate ?? Number.POSITIVE_INFINITY };
    this.#messages.push(message);
    return message;
  }

  #sent(call: PoolCall, message: SentMessage): void {
    call.seat = this;
    call.sentAs = this.#under.calls.push(call);
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
    this.#under.calls.delete(call.sentAs);
    call.seat = undefined;
    if (call.rare?.moved) this.#moving--;
    const message = call.sentWith as SentMessage;
    if (--message.calls === 0) this.#messages.splice(this.#messages.indexOf(message), 1);
  }

  #hold(): void {
    this.#held = true;
    this.#link.hold(true);
    this.#watch.begin();
  }

  #release(): void {
    if (!this.#held || this.busy || this.state === 'ending' || this.state === 'gone') return;
    this.#held = false;
    this.idleSince = this.heardAt;
    this.#link.hold(false);
    if (this.#claims && this.#under.calls.next - this.#under.epochFirst > EPOCH_CALLS / 2) this.recall(); // nothing is out: only a new epoch
  }

  /** Whether the epoch is nearly used up; then the pool must recall. */
  get epochFull(): boolean {
    return this.recallable && this.#under.calls.next - this.#under.epochFirst > EPOCH_CALLS / 2;
  }
}
