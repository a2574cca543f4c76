import { clock, notCallable, Probe, ShutdownError, TimeoutError, tellLate } from '../core/index.js';
import {
  type AnyFunction,
  type CallOwner,
  cancellation,
  type ExecutorStats,
  FutureSource,
  joinStacks,
  Samples,
  type ShutdownOptions,
} from '../futures/index.js';
import { tellStrayed } from '../wire/index.js';
import { Crew, type CrewOwner } from './crew.js';
import { Dispatcher, type DispatchOwner } from './dispatcher.js';
import { isUnasked, loss } from './loss.js';
import type { ChunkPart, PoolCall } from './pool-call.js';
import type { PoolOptions } from './pool-options.js';
import { PortableFunction, type Timing } from './portable-function.js';
import { refuseRecursion } from './refuse-recursion.js';
import type { Seat } from './seat.js';
import { type NotBegun, notInTime, type Step } from './start-watch.js';
import type { LinkEnd, LinkUsage, Transport } from './transport.js';

/** How many workers may die with a call unstarted before it is given up. */
const BOUNCES = 5;

/**
 * A worker ignores these as soon as it can, since they are meant for the run: one that dies of them
 * before is no failed start.
 */
const forTheRun = new Set<unknown>(['SIGINT', 'SIGTERM', 'SIGHUP']);

const probe = new Probe('pool');

/**
 * What becomes of calls, from submission to outcome: the same for threads and processes. Its rules are in README.md.
 */
export class Pool implements CallOwner, CrewOwner, DispatchOwner {
  readonly label: string;
  size: number;
  concurrency: number;
  readonly grace: number;
  readonly #crew: Crew;
  readonly #kind: string;
  readonly #dispatcher: Dispatcher;
  readonly #targets = new WeakMap<AnyFunction, PortableFunction>();
  readonly #timings = new Map<string, Timing>();
  #lastTarget: PortableFunction | undefined;
  /** Broadcasts that have not ended, and what gives those up that have not been sent. */
  readonly #broadcasting = new Set<AbortController>();
  /** Calls whose function's reference is being found out. */
  readonly #finding = new Set<PoolCall>();
  #closing: FutureSource<void> | undefined;
  #done = 0;
  #failed = 0;
  #lost = 0;
  readonly #run = new Samples();
  /**
   * The errors of workers that could not start, so that they are told from those that a call
   * throws.
   */
  readonly #startFailures = new WeakSet<object>();

  constructor(label: string, transport: Transport, options: PoolOptions, size: number) {
    refuseRecursion(`A ${label}`);
    this.label = label;
    this.#kind = transport.kind;
    this.size = size;
    this.concurrency = options.concurrency ?? 1;
    this.grace = options.grace ?? 1000;
    this.#crew = new Crew(this, transport, options, size);
    this.#dispatcher = new Dispatcher(this, this.#crew, this.concurrency);
  }

  target(fn: AnyFunction): PortableFunction {
    if (this.#lastTarget?.fn === fn) return this.#lastTarget;
    let target = this.#targets.get(fn);
    if (target === undefined) {
      target = new PortableFunction(fn, this.#timings);
      if (typeof fn === 'function') this.#targets.set(fn, target);
    }
    this.#lastTarget = target;
    return target;
  }

  submit(call: PoolCall): void {
    if (this.#closing)
      return this.#refuse(call, new ShutdownError(`The call of ${call.name} came after the shutdown of its ${this.label}`));
    const wrong = notCallable('submit', call.fn);
    if (wrong !== undefined) return this.#refuse(call, wrong);
    // The first worker starts while the reference is found.
    if (call.target.ref === undefined && this.#crew.seats.length === 0) this.#crew.open();
    let finding: Promise<void> | undefined;
    try {
      finding = call.target.find();
    } catch (error) {
      return this.#refuse(call, error);
    }
    if (finding === undefined) this.#dispatcher.enqueue(call);
    else {
      this.#finding.add(call);
      finding.then(
        () => this.#found(call, undefined),
        (error) => this.#found(call, { error }),
      );
    }
    call.arm();
  }

  cancelCall(call: PoolCall, reason: unknown): void {
    this.#giveUp(call, cancellation(reason), this.grace);
  }

  async broadcast(target: PortableFunction, args: unknown[]): Promise<unknown[]> {
    if (this.#closing) throw new ShutdownError(`A broadcast came after the shutdown of its ${this.label}`);
    const given = new AbortController();
    this.#broadcasting.add(given);
    try {
      return await this.#crew.broadcast(target, args, given.signal);
    } finally {
      this.#broadcasting.delete(given);
      this.#checkDrained();
    }
  }

  async shutdown({ cancelPending = false, grace }: ShutdownOptions): Promise<void> {
    this.#closing ??= new FutureSource<void>();
    const reason = cancellation(`its ${this.label} was shut down`);
    if (cancelPending) {
      for (const call of [...this.#finding, ...this.#dispatcher.queue.drain()]) this.#giveUp(call, reason, grace ?? this.grace);
      for (const given of this.#broadcasting) given.abort(reason);
    }
    if (grace !== undefined) {
      for (const seat of this.#crew.all) {
        for (const call of [...seat.calls()]) {
          if (call.future.settled)
            this.#stopAt(seat, call, reason, grace); // was cancelled before, with more time to let go
          else this.#giveUp(call, reason, grace);
        }
        seat.stopNow(reason, grace);
      }
    }
    this.#checkDrained();
    await this.#closing.future;
  }

  /** From now on so many workers, and so many calls at a time in each. What is running is finished where it is. */
  resize(workers: number, concurrency: number): void {
    if (concurrency !== this.concurrency) {
      this.concurrency = concurrency;
      this.#crew.setConcurrency(concurrency);
      this.#dispatcher.concurrency = concurrency;
    }
    if (workers === this.size) return;
    this.size = workers;
    for (const seat of this.#crew.setSize(workers)) {
      this.#crew.retire(seat);
      if (seat.recallable) this.#dispatcher.putBack(seat.recall());
      this.#crew.settle(seat);
    }
    this.#dispatcher.askFlush();
  }

  /** What each worker has used since its start, where that can be told. */
  usage(): { id: number; usage: LinkUsage }[] {
    return this.#crew.seats.flatMap((seat) => {
      const usage = seat.wasUp ? seat.usage() : undefined;
      return usage === undefined ? [] : [{ id: seat.id, usage }];
    });
  }

  /** The steps at which those workers are that do not run the calls they were sent. */
  notBegun(): NotBegun[] {
    return this.#crew.all.flatMap((seat) => seat.notBegun ?? []);
  }

  isStartFailure(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#startFailures.has(error);
  }

  stats(): ExecutorStats {
    let running = 0;
    for (const seat of this.#crew.all) running += seat.size;
    return Object.freeze({
      workers: this.#crew.seats.length,
      running,
      queued: this.#dispatcher.queue.size + this.#finding.size,
      done: this.#done,
      failed: this.#failed,
      lost: this.#lost,
      wait: this.#dispatcher.wait.percentiles(),
      run: this.#run.percentiles(),
    });
  }

  // --- out: queue to seats

  #found(call: PoolCall, failed: { error: unknown } | undefined): void {
    this.#finding.delete(call);
    if (call.future.settled) return;
    if (failed) {
      this.#refuse(call, failed.error);
      this.#checkDrained();
    } else this.#dispatcher.enqueue(call);
  }

  unread(call: PoolCall): void {
    this.cancelCall(call, 'its reader left');
  }

  opened(seat: Seat): void {
    this.#publish('worker', seat, 'starts');
  }

  leaving(seat: Seat, call: PoolCall): void {
    if (call.timed) this.#timeFromStart(call);
    const { stream } = call;
    if (!stream) return;
    stream.grant = (n) => seat.grant(call, n);
    stream.close = () => {
      if (call.seat !== seat) return this.unread(call); // it came back from there, and waits
      seat.close(call);
      // One that is parked in a wait of its own does not see that its reader has left.
      clock.after(this.grace, () => this.unread(call), true);
    };
  }

  #timeFromStart(call: PoolCall): void {
    const timeout = call.options.timeout as number;
    call.extra.began = () => {
      call.extra.timer = clock.after(timeout, () => {
        if (call.future.settled) return;
        const error = new TimeoutError(`The call of ${call.name} ran longer than ${timeout} ms`);
        joinStacks(error, call.origin);
        if (call.tries < (call.options.retries ?? 0)) {
          call.extra.timedOut = error;
          if (call.seat) this.#stopAt(call.seat, call, error, this.grace);
        } else this.#giveUp(call, error, this.grace);
      });
    };
  }

  // --- back: seats to futures

  answered(seat: Seat, call: PoolCall, ok: boolean, value: unknown): void {
    call.rare?.timer?.cancel();
    if (call.future.settled) return; // cancelled, and has now let go
    if (ok && call.chunk) {
      call.chunk.ms += value as number;
      call.target.ran((value as number) / Math.max(1, call.chunk.answered - call.chunk.from));
      if (call.chunk.answered < call.chunk.to && !call.chunk.over && call.chunk.sink.rest) this.#givenBack(call, call.chunk);
      else this.skipped(call);
    } else if (ok && call.rare?.timedOut === undefined) {
      this.#done++;
      call.fulfil(value);
    } else this.#failedOnce(call, call.rare?.timedOut ?? value);
    if (probe.active) this.#publish('call', seat, ok ? 'ok' : 'error');
  }

  roomAt(seat: Seat, ms: number, target: PortableFunction | undefined): void {
    this.#run.add(ms);
    target?.ran(ms);
    this.#dispatcher.roomAt(seat);
    if (!seat.busy) this.#crew.settle(seat);
    if (this.#closing) this.#checkDrained();
  }

  skipped(call: PoolCall): void {
    const chunk = call.chunk as ChunkPart;
    const { length } = chunk.inputs;
    if (chunk.to < length) {
      joinStacks(chunk.unsendable, call.origin);
      chunk.sink.failed(chunk.to, chunk.unsendable);
      chunk.answered = chunk.from = chunk.bound = chunk.to + 1;
      chunk.to = length;
      if (!chunk.stop && chunk.from < length) return this.#dispatcher.putBack([call]);
    }
    this.#done++;
    call.fulfil(chunk.ms);
  }

  /** It took too long, and what is left of it was not started. */
  #givenBack(call: PoolCall, chunk: ChunkPart): void {
    chunk.sink.rest?.(chunk.answered);
    this.#done++;
    call.fulfil(chunk.ms);
  }

  unsendable(call: PoolCall, error: unknown): void {
    tellStrayed(call.args);
    this.#refuse(call, error);
    if (this.#dispatcher.queue.size > 0) this.#dispatcher.askFlush(); // nothing of that message may be under way, and then no answer asks for more
    this.#checkDrained();
  }

  up(seat: Seat): void {
    this.#crew.started();
    this.#publish('worker', seat, 'up');
  }

  unfit(seat: Seat, error: unknown): void {
    seat.unfitFor = { error };
    seat.kill('its initializer failed');
  }

  gone(seat: Seat, end: LinkEnd, lost: PoolCall[], unstarted: PoolCall[]): void {
    const failed = seat.unfitFor ?? seat.tooLate;
    const neverUp =
      seat.unfitFor !== undefined ||
      (!seat.wasUp && (seat.tooLate !== undefined || (seat.endReason === undefined && !forTheRun.has(end.signal))));
    if (seat.endReason === undefined || failed) this.#lost++;
    this.#publish('worker', seat, 'down');
    this.#crew.remove(seat);
    let isTold = seat.busy; // broadcasts that wait for it
    const again = unstarted.filter((call) => !this.#bounced(seat, call, end));
    isTold ||= again.length < unstarted.length;
    this.#dispatcher.putBack(again);
    for (const call of lost) {
      call.rare?.timer?.cancel();
      if (call.future.settled) continue;
      isTold = true;
      this.#lostWith(seat, call, end);
    }
    if (failed?.error instanceof Error) this.#startFailures.add(failed.error);
    if (neverUp) {
      const error = failed ? failed.error : this.lossOf(seat, end, undefined);
      if (!this.#startFailed(error) && !isTold) tellLate(error);
    } else if (seat.tooLate?.step.module !== undefined) this.#moduleFailed(seat.tooLate.step.module, seat.tooLate.error);
    else if (!isTold && isUnasked(seat, end) && (seat.wasUp || !forTheRun.has(end.signal))) {
      tellLate(loss(this.#nameOf(seat), seat, end, lost[0] ?? 'idle'));
    }
    if (this.#dispatcher.queue.size > 0) this.#dispatcher.askFlush();
    this.#checkDrained();
  }

  /** What the caller of a call is told whose worker is gone. */
  lossOf(seat: Seat, end: LinkEnd, call: PoolCall | undefined): Error {
    return loss(this.#nameOf(seat), seat, end, call);
  }

  notInTime(seat: Seat, step: Step, ms: number): Error {
    return notInTime(this.#nameOf(seat), step, ms);
  }

  #nameOf(seat: Seat): string {
    return `The ${this.#kind} ${seat.id} of ${/^[AEIO]/i.test(this.label) ? 'an' : 'a'} ${this.label}`;
  }

  canOpen(): void {
    this.#dispatcher.askFlush();
  }

  cannotOpen(error: unknown): void {
    if (error instanceof Error) this.#startFailures.add(error);
    for (const call of this.#dispatcher.queue.drain()) this.#refuse(call, error);
    this.#checkDrained();
  }

  empty(): void {
    this.#checkDrained();
  }

  // --- outcomes

  /** @param lost It was not answered: its worker is gone. */
  #failedOnce(call: PoolCall, error: unknown, lost = false): void {
    if (call.rare) call.rare.timedOut = undefined;
    if (call.tries < (call.options.retries ?? 0) && !call.stream?.begun && !call.stream?.hasLeft && !call.rare?.moved) {
      call.tries++;
      call.again();
      this.#dispatcher.enqueue(call);
      return;
    }
    joinStacks(error, call.origin);
    if (lost) this.#refuse(call, error);
    else this.#fail(call, error);
  }

  #fail(call: PoolCall, error: unknown): void {
    if (call.reject(error)) this.#failed++;
  }

  /** The call fails without having been answered. */
  #refuse(call: PoolCall, error: unknown): void {
    if (call.sentAs >= 0) tellStrayed(call.chunk?.inputs ?? call.args);
    this.#fail(call, error);
  }

  #lostWith(seat: Seat, call: PoolCall, end: LinkEnd): void {
    const error = call.rare?.timedOut ?? this.lossOf(seat, end, call);
    const { chunk } = call;
    if (!chunk || call.tries < (call.options.retries ?? 0)) {
      this.#failedOnce(call, error, true);
      return;
    }
    joinStacks(error, call.origin);
    // Only what may have been running is lost; what was not started goes out again. A worker that died without having started any
    // died of what comes before, such as the import of the function's module: once may be bad luck.
    const bound = Math.min(Math.max(chunk.bound, chunk.answered), chunk.to);
    const stuck = bound === chunk.from && (seat.tooLate !== undefined || ++chunk.stuck > 1);
    const lost = stuck ? chunk.inputs.length : bound;
    if (bound > chunk.from) chunk.stuck = 0;
    for (let at = chunk.answered; at < lost; at++) {
      tellStrayed(chunk.inputs[at]);
      chunk.sink.failed(at, error);
    }
    chunk.answered = chunk.from = lost;
    if (lost === chunk.inputs.length || (chunk.stop && lost > 0)) call.fulfil(chunk.ms);
    else this.#dispatcher.putBack([call]);
  }

  #giveUp(call: PoolCall, error: Error, grace: number): void {
    if (call.future.settled) return;
    const { seat } = call;
    this.#dispatcher.queue.forget(call);
    this.#finding.delete(call);
    if (call.rare?.timedOut === undefined || seat === undefined) joinStacks(error, call.origin);
    this.#refuse(call, error);
    if (seat) this.#stopAt(seat, call, error, grace);
    else if (this.#dispatcher.queue.size === 0 && this.#finding.size === 0) for (const one of this.#crew.seats) one.endUnlessWanted(grace); // started for it
    this.#checkDrained();
  }

  /**
   * Tells a worker to stop a call. Calls of others that come back go out again, and a worker that
   * is let go has nothing more to wait for.
   */
  #stopAt(seat: Seat, call: PoolCall, reason: unknown, grace: number): void {
    this.#dispatcher.putBack(seat.stop(call, reason, grace));
    if (!seat.busy) this.#crew.settle(seat);
  }

  /** A call that several workers died of before they could start it would be the end of all to come. */
  #bounced(seat: Seat, call: PoolCall, end: LinkEnd): boolean {
    if (call.rare?.moved) {
      this.#refuse(call, this.lossOf(seat, end, call)); // its arguments are gone with the worker
      return true;
    }
    if ((seat.endReason !== undefined && !seat.tooLate) || !seat.wasUp) return false;
    call.extra.bounces = (call.extra.bounces ?? 0) + 1;
    if (call.extra.bounces < BOUNCES) return false;
    this.#refuse(call, this.lossOf(seat, end, call));
    return true;
  }

  /** @returns Whether somebody has been told, now or of the failed start before this. */
  #startFailed(error: unknown): boolean {
    if (error instanceof Error) this.#startFailures.add(error);
    let isTold = !this.#crew.startFailed();
    if (this.#crew.seats.some((seat) => seat.state === 'up')) return isTold; // the others do the work
    for (const call of this.#dispatcher.queue.drain()) {
      joinStacks(error, call.origin);
      this.#refuse(call, error);
      isTold = true;
    }
    return isTold;
  }

  /**
   * A module that one worker could not load in time holds up the next one as well: the calls that
   * wait for it fail, and do not take one worker after the other.
   */
  #moduleFailed(module: string, error: unknown): void {
    const others: PoolCall[] = [];
    for (const call of this.#dispatcher.queue.drain()) {
      const { ref } = call.target;
      if (ref?.kind === 'export' && ref.url === module) this.#refuse(call, error);
      else others.push(call);
    }
    this.#dispatcher.putBack(others);
  }

  #checkDrained(): void {
    if (!this.#closing || this.#closing.future.settled) return;
    if (this.#dispatcher.queue.size > 0 || this.#finding.size > 0 || this.#broadcasting.size > 0) return;
    // Also one that takes no more calls may give some back, which need the others.
    if (this.#crew.all.some((seat) => seat.busy)) return;
    if (this.#crew.gone) this.#closing.fulfil();
    else if (this.#crew.seats.length > 0) this.#crew.endAll();
  }

  #publish(what: string, seat: Seat, state: string): void {
    if (probe.active) probe.publish({ what, id: seat.id, worker: seat.id, state, pool: this.label });
  }
}
