import {
  clock,
  InternalError,
  notCallable,
  Probe,
  poolDepth,
  SHORT,
  TimeoutError,
  tellLate,
  WorkerStartError,
  whatToDo,
} from '../core/index.js';
import {
  type AnyFunction,
  type CallOptions,
  type CallOwner,
  cancellation,
  type FutureCell,
  FutureSource,
  joinStacks,
  type Origin,
  watchFuture,
} from '../futures/index.js';
import { isUnasked, loss } from './loss.js';
import { PoolCall } from './pool-call.js';
import { PortableFunction } from './portable-function.js';
import { refuseRecursion } from './refuse-recursion.js';
import { Seat } from './seat.js';
import type { SeatOwner } from './seat-owner.js';
import { notInTime, type Step } from './start-watch.js';
import type { LinkEnd, Transport } from './transport.js';

const probe = new Probe('pool');

/** What a worker of its own is started for. */
export interface Shot {
  readonly fn: AnyFunction;
  readonly args: unknown[];
  readonly name: string;
  /** How long a cancelled call may take to let go, in ms. */
  readonly grace: number;
  /** How long it may take until its call begins, in ms. */
  readonly startTimeout: number;
  readonly options: CallOptions;
  readonly origin: Origin;
}

/**
 * One worker for one call: it starts with the call and ends after it, whatever timers and handles the call has left behind. The seat, the link and the messages are a
 * pool's; what a pool decides for many is decided here for one, which is never sent anywhere else.
 */
export class OneShot implements SeatOwner, CallOwner {
  /** The worker is gone, or there never was one. */
  readonly exited = new FutureSource<void>();
  /** How it ended. */
  end: LinkEnd | undefined;
  readonly #transport: Transport;
  readonly #shot: Shot;
  readonly #call: PoolCall;
  #seat: Seat | undefined;
  /** The signals that we sent it; `undefined` for an end without one. A death of those is no surprise to anybody. */
  readonly #asked = new Set<string | undefined>();

  /** @throws {RecursiveImportError} */
  constructor(transport: Transport, shot: Shot, cell: FutureCell<unknown>) {
    refuseRecursion(`The ${transport.kind} ${shot.name}`);
    this.#transport = transport;
    this.#shot = shot;
    const target = new PortableFunction(shot.fn, new Map());
    this.#call = new PoolCall(this, target, shot.fn, shot.args, shot.options, shot.origin, cell);
  }

  /** Of the thread or process; `undefined` if there is none. */
  get id(): number | undefined {
    return this.#seat?.id || undefined;
  }

  /** Starts the worker; its call follows as soon as it is known how the function travels. */
  start(): void {
    const call = this.#call;
    const { fn, options } = this.#shot;
    const wrong = notCallable(`${this.#transport.kind === 'thread' ? 'Thread' : 'Process'}.start`, fn);
    if (wrong !== undefined) return this.#refuse(wrong);
    if (options.signal?.aborted) return this.#refuse(cancellation(options.signal.reason));
    const boot = { name: this.#shot.name, concurrency: 1, depth: poolDepth() + 1, setup: [] };
    try {
      this.#seat = new Seat(this, this.#transport, boot, { maxCalls: 1, startTimeout: this.#shot.startTimeout });
    } catch (cause) {
      return this.#refuse(
        new WorkerStartError(`${this.#who} could not be started: ${(cause as Error).message}${whatToDo(cause, SHORT)}`, { cause }),
      );
    }
    this.#publish('starts');
    if (call.timed) this.#timeFromStart(options.timeout as number);
    this.#find();
    if (!call.future.settled) call.arm(); // its refusal has let go of what that takes hold of
  }

  cancelCall(_call: unknown, reason: unknown): void {
    this.#giveUp(cancellation(reason));
  }

  /** Ends the worker at once. */
  kill(reason: string): void {
    this.#seat?.kill(reason);
  }

  /** Somebody has asked for its death by this signal, or without one: then its failure is looked at, also if nobody does. */
  expectEnd(signal?: string): void {
    this.#asked.add(signal);
  }

  // --- to the worker

  #find(): void {
    const { target } = this.#call;
    let finding: Promise<void> | undefined;
    try {
      finding = target.find();
    } catch (error) {
      return this.#refuse(error);
    }
    if (finding === undefined) return this.#send();
    finding.then(
      () => this.#send(),
      (error) => this.#refuse(error),
    );
  }

  #send(): void {
    const { future } = this.#call;
    if (!future.settled) this.#seat?.send([this.#call]);
  }

  #timeFromStart(timeout: number): void {
    const { extra } = this.#call;
    extra.began = () => {
      extra.timer = clock.after(timeout, () => {
        this.#giveUp(new TimeoutError(`The call of ${this.#call.name} ran longer than ${timeout} ms`));
      });
    };
  }

  /** The call ends now; its worker when it has let go. */
  #giveUp(error: Error): void {
    const call = this.#call;
    if (call.future.settled) return;
    this.#settle(false, error);
    const seat = this.#seat;
    if (seat === undefined) return;
    seat.stop(call, error, this.#shot.grace);
    if (!seat.busy) seat.kill('its call was cancelled before it began');
  }

  #refuse(error: unknown): void {
    this.#settle(false, error);
    if (this.#seat === undefined) this.exited.fulfil();
    else this.#seat.kill('its call could not be made');
  }

  #settle(ok: boolean, outcome: unknown): void {
    const call = this.#call;
    call.rare?.timer?.cancel();
    if (call.future.settled) return;
    if (ok) call.fulfil(outcome);
    else {
      joinStacks(outcome, call.origin);
      call.reject(outcome);
    }
  }

  // --- from the worker

  up(): void {
    this.#publish('up');
  }

  answered(seat: Seat, _call: PoolCall, ok: boolean, value: unknown): void {
    this.#settle(ok, value);
    seat.end(this.#transport.patience, !ok);
  }

  roomAt(): void {}

  unsendable(_call: PoolCall, error: unknown): void {
    this.#refuse(error);
  }

  skipped(): void {
    throw new InternalError('A chunk was sent to a worker of one call');
  }

  unfit(seat: Seat, error: unknown): void {
    seat.unfitFor = { error };
    seat.kill('it could not be set up');
  }

  gone(seat: Seat, end: LinkEnd): void {
    this.end = end;
    this.#publish('down');
    const asked = this.#asked.has(end.signal ?? undefined);
    if (asked) watchFuture(this.#call.future, () => undefined);
    else if (this.#call.future.settled && isUnasked(seat, end)) tellLate(this.lossOf(seat, end, this.#call));
    const failed = seat.unfitFor ?? seat.tooLate;
    this.#settle(false, failed ? failed.error : this.lossOf(seat, end, asked || seat.wasUp ? this.#call : undefined));
    this.exited.fulfil();
  }

  lossOf(seat: Seat, end: LinkEnd, call: PoolCall | undefined): Error {
    return loss(this.#who, seat, end, call);
  }

  notInTime(_seat: Seat, step: Step, ms: number): Error {
    return notInTime(this.#who, step, ms);
  }

  get #who(): string {
    return `The ${this.#transport.kind} ${this.#shot.name}`;
  }

  #publish(state: string): void {
    if (probe.active) probe.publish({ what: 'worker', id: this.id ?? 0, worker: this.id ?? 0, state, pool: this.#shot.name });
  }
}
