import { bare, clock, onAbort, poolDepth, SHORT, type Timer, WorkerStartError, whatToDo } from '../core/index.js';
import { type Boot, encode, type FunctionRef, notCloneable } from '../wire/index.js';
import { type PoolOptions, START_TIMEOUT } from './pool-options.js';
import { PortableFunction } from './portable-function.js';
import { Seat } from './seat.js';
import type { SeatOwner } from './seat-owner.js';
import type { Transport } from './transport.js';

/** The first pause after a worker could not start, in ms; it doubles up to the last. */
const BACKOFF = 100;
const LONGEST_BACKOFF = 30_000;

/** What the crew needs of its pool. */
export interface CrewOwner extends SeatOwner {
  /** A worker can be started now that could not be before. */
  canOpen(): void;
  /** No worker can be started at all. */
  cannotOpen(error: unknown): void;
  /** The last worker is gone. */
  empty(): void;
}

/** The end of a wait, or the signal's reason if that aborts before. */
async function orAborted(wait: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let leave = () => {};
  const aborted = new Promise<void>((_, reject) => {
    leave = onAbort(signal, () => reject(signal.reason));
  });
  try {
    await Promise.race([wait, aborted]);
  } finally {
    leave();
  }
  signal.throwIfAborted(); // both may have come in one turn
}

/** The workers of a pool: how they come, how many, and how they go. */
export class Crew {
  readonly seats: Seat[] = [];
  readonly #owner: CrewOwner;
  readonly #transport: Transport;
  readonly #options: PoolOptions;
  #size: number;
  #concurrency: number;
  readonly #ending = new Set<Seat>();
  /** By the function's key: the last one stands. */
  readonly #broadcasts = new Map<string, [PortableFunction, unknown[]]>();
  /** Why no worker could be started, the last time. */
  #failure: { error: unknown } | undefined;
  #boot: Boot | undefined;
  #booting = false;
  #failedStarts = 0;
  #notBefore = 0;
  #retry: Timer | undefined;
  #sweep: Timer | undefined;

  constructor(owner: CrewOwner, transport: Transport, options: PoolOptions, size: number) {
    this.#owner = owner;
    this.#transport = transport;
    this.#options = options;
    this.#size = size;
    this.#concurrency = options.concurrency ?? 1;
  }

  /** Among how many workers what waits is shared out. */
  get size(): number {
    return this.full ? Math.max(1, this.seats.length) : this.#size;
  }

  get full(): boolean {
    return this.seats.length >= this.#size;
  }

  /** All workers, also those that take no more calls. */
  get all(): Seat[] {
    return [...this.seats, ...this.#ending];
  }

  /** Nothing is left, not even a worker that is ending. */
  get gone(): boolean {
    return this.seats.length === 0 && this.#ending.size === 0;
  }

  /** From now on at most this many workers. @returns those that are one too many, the least busy first. */
  setSize(size: number): Seat[] {
    this.#size = size;
    return [...this.seats].sort((a, b) => a.size - b.size).slice(0, Math.max(0, this.seats.length - size));
  }

  setConcurrency(n: number): void {
    this.#concurrency = n;
    if (this.#boot) this.#boot = bare({ ...this.#boot, concurrency: n });
    for (const seat of this.seats) seat.setConcurrency(n);
  }

  /** Starts a worker. `undefined` if that has to wait: `canOpen` will say when. */
  open(): Seat | undefined {
    if (this.full || this.#booting) return undefined;
    const wait = this.#notBefore - clock.now();
    if (wait > 0) {
      this.#retry ??= clock.after(wait, () => {
        this.#retry = undefined;
        this.#owner.canOpen();
      });
      return undefined;
    }
    if (this.#boot === undefined) {
      this.#prepare();
      if (this.#boot === undefined) return undefined;
    }
    let seat: Seat;
    try {
      const { maxCallsPerWorker: maxCalls = Number.POSITIVE_INFINITY, startTimeout = START_TIMEOUT } = this.#options;
      seat = new Seat(this.#owner, this.#transport, this.#boot, { maxCalls, startTimeout });
    } catch (cause) {
      this.startFailed();
      const why = `${(cause as Error).message}${whatToDo(cause, SHORT)}`;
      this.#cannotOpen(new WorkerStartError(`A ${this.#transport.kind} could not be started: ${why}`, { cause }));
      return undefined;
    }
    this.seats.push(seat);
    this.#sweepLater();
    return seat;
  }

  /**
   * Runs it on every worker, and from then on at the birth of new ones, unless it failed.
   *
   * @param given Aborts if it is given up before it has been sent.
   */
  async broadcast(target: PortableFunction, args: unknown[], given: AbortSignal): Promise<unknown[]> {
    await orAborted(target.find(), given);
    this.#failure = undefined;
    while (!this.full) {
      if (this.open() !== undefined) continue;
      if (this.#failure) throw (this.#failure as { error: unknown }).error;
      await this.#canOpen(given);
    }
    given.throwIfAborted(); // from here on it is sent
    const { key } = target;
    const answers = this.seats.map((seat) => seat.now(target, args));
    const values = await Promise.all(answers);
    this.#broadcasts.set(key, [target, args]);
    this.#boot = undefined; // those to come run it at birth
    return values;
  }

  /** Until another start may be tried. */
  async #canOpen(given: AbortSignal): Promise<void> {
    let timer: Timer | undefined;
    const wait = new Promise<void>((resolve) => {
      timer = clock.after(Math.max(1, this.#notBefore - clock.now()), resolve);
    });
    try {
      await orAborted(wait, given);
    } finally {
      timer?.cancel();
    }
  }

  #cannotOpen(error: unknown): void {
    this.#failure = { error };
    this.#owner.cannotOpen(error);
  }

  started(): void {
    this.#failedStarts = 0;
  }

  /** @returns Whether it is the first in a row. */
  startFailed(): boolean {
    this.#notBefore = clock.now() + Math.min(BACKOFF * 2 ** this.#failedStarts, LONGEST_BACKOFF);
    return this.#failedStarts++ === 0;
  }

  /** The seat takes no more calls; it ends when it has nothing left to do. */
  retire(seat: Seat): void {
    const at = this.seats.indexOf(seat);
    if (at < 0) return;
    this.seats.splice(at, 1);
    seat.isRetired = true;
    this.#ending.add(seat);
    if (!seat.busy) seat.end(this.#transport.patience);
  }

  /** A retired seat may have become idle. */
  settle(seat: Seat): void {
    if (!seat.busy && this.#ending.has(seat)) seat.end(this.#transport.patience);
  }

  remove(seat: Seat): void {
    const at = this.seats.indexOf(seat);
    if (at >= 0) this.seats.splice(at, 1);
    this.#ending.delete(seat);
  }

  endAll(): void {
    // Cleared, not only cancelled: a call may still come back from a worker that dies, and need a
    // new one.
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#sweep?.cancel();
    this.#sweep = undefined;
    for (const seat of [...this.seats]) this.retire(seat);
    if (this.gone) this.#owner.empty();
  }

  /** Makes what a worker is told at birth; at once, unless a function's reference has to be found out. */
  #prepare(): void {
    const { initializer } = this.#options;
    const [fn, ...args] = typeof initializer === 'function' ? [initializer] : (initializer ?? []);
    const steps: [PortableFunction, unknown[]][] = fn ? [[new PortableFunction(fn, new Map()), args]] : [];
    steps.push(...this.#broadcasts.values());
    const make = () => {
      try {
        const carrier = this.#transport.shares ? 'clone' : 'bytes';
        const setup = steps.map(([target, a]) => ({ ref: target.ref as FunctionRef, args: encode(a, carrier) }));
        this.#boot = bare({ name: this.#options.name, concurrency: this.#concurrency, depth: poolDepth() + 1, setup });
      } catch (cause) {
        const args = steps.flatMap(([, a]) => a);
        this.#cannotOpen(notCloneable('What every worker is to run first', args, (i) => `argument ${i + 1}`, cause));
      }
    };
    let waits: Promise<void>[];
    try {
      waits = steps.map(([target]) => target.find()).filter((p) => p !== undefined);
    } catch (error) {
      waits = [Promise.reject(error)];
    }
    if (waits.length === 0) return make();
    this.#booting = true;
    Promise.all(waits).then(
      () => {
        this.#booting = false;
        make();
        if (this.#boot !== undefined) this.#owner.canOpen();
      },
      (error) => {
        this.#booting = false;
        this.#cannotOpen(error);
      },
    );
  }

  /** Lets workers go that have had nothing to do for `idleTimeout`. One timer for all: one for each would be set and taken back at every call. */
  #sweepLater(): void {
    const { idleTimeout = 30_000 } = this.#options;
    if (this.#sweep || idleTimeout === Number.POSITIVE_INFINITY) return;
    this.#sweep = clock.after(
      Math.max(10, idleTimeout / 4),
      () => {
        this.#sweep = undefined;
        const now = clock.now();
        for (const seat of [...this.seats]) {
          if (!seat.busy && seat.state === 'up' && now - seat.idleSince >= idleTimeout) this.retire(seat);
        }
        if (this.seats.length > 0) this.#sweepLater();
      },
      true,
    );
  }
}
