import { clock, onAbort, TimeoutError, type Timer } from '../core/index.js';
import type { AnyFunction, CallOptions } from './executor.js';
import { cancelRequested, type FutureCell } from './future.js';
import type { Origin } from './map-host.js';
import { FutureSource } from './source.js';

/** Who answers for a call: the executor that took it. */
export interface CallOwner {
  /** Must settle the call, now or when the work has let go. */
  cancelCall(call: Call, reason: unknown): void;
}

const NONE: unknown[] = [];

/** One call on its way through an executor: what was asked, and the finishing side of its future. */
export class Call extends FutureSource<unknown> {
  readonly owner: CallOwner;
  readonly fn: AnyFunction;
  args: unknown[];
  readonly options: CallOptions;
  readonly origin: Origin;
  readonly priority: number;
  /** Order of submission within its executor. */
  seq = 0;
  /** When it was submitted, or went back to the queue. */
  queuedAt = 0;
  /** Whether it is in its executor's queue. Only the queue sets it. */
  queued = false;
  /** How often it has run and failed. */
  tries = 0;
  #undo: (() => void) | undefined;

  constructor(owner: CallOwner, fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin, cell?: FutureCell<unknown>) {
    super(cell);
    this.owner = owner;
    this.fn = fn;
    this.args = args;
    this.options = options;
    this.origin = origin;
    this.priority = options.priority ?? 0;
  }

  /** What the call is called in messages. */
  get name(): string {
    return this.options.name ?? (this.fn.name || 'anonymous function');
  }

  /** Begins to watch the signal and the deadline. Call it once the executor knows the call: it may be cancelled within. */
  arm(): void {
    const { signal, deadline } = this.options;
    if (signal === undefined && deadline === undefined) return;
    if (signal?.aborted) return this.owner.cancelCall(this, signal.reason);
    let timer: Timer | undefined;
    const unlisten = signal && onAbort(signal, () => this.owner.cancelCall(this, signal.reason));
    this.#undo = () => {
      timer?.cancel();
      unlisten?.();
    };
    if (deadline !== undefined && deadline !== Number.POSITIVE_INFINITY) {
      timer = clock.after(deadline, () => {
        this.owner.cancelCall(this, new TimeoutError(`The call of ${this.name} had not ended ${deadline} ms after its submission`));
      });
    }
  }

  /** Somebody else makes the call: gives its future away, and watches nothing any more. */
  giveAway(): FutureCell<unknown> {
    this.#release();
    return this.future as FutureCell<unknown>;
  }

  override fulfil(value: unknown): boolean {
    this.#release();
    return super.fulfil(value);
  }

  override reject(error: unknown): boolean {
    this.#release();
    return super.reject(error);
  }

  override [cancelRequested](reason: unknown): void {
    this.owner.cancelCall(this, reason);
  }

  /** The future keeps its call alive; the arguments must not live as long. */
  #release(): void {
    this.args = NONE;
    if (this.#undo !== undefined) {
      this.#undo();
      this.#undo = undefined;
    }
  }
}
