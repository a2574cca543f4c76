import { bare, clock } from '../../core/index.js';
import { Call, type CallOptions, type CallOwner, cancellation, type FutureCell } from '../../futures/index.js';

const owner: CallOwner = { cancelCall: (call, reason) => call.reject(cancellation(reason)) };

/** A call that waits until it is known whether its function can travel, or until there is room for it. It can be cancelled meanwhile, and its deadline runs. */
export class HeldCall extends Call {
  /** Whether somebody else makes it now. */
  placed = false;
  readonly #since = clock.now();

  constructor(fn: Call['fn'], args: unknown[], options: CallOptions, origin: Call['origin'], cell?: FutureCell<unknown>) {
    super(owner, fn, args, options, origin, cell);
    this.arm();
  }

  /** Hands it over to whoever makes it: with what is left of its deadline. */
  place(make: (args: unknown[], options: CallOptions, cell: FutureCell<unknown>) => unknown): void {
    if (this.future.settled) return;
    this.placed = true;
    const { args, options } = this;
    const { deadline } = options;
    const cell = this.giveAway();
    const left = deadline === undefined ? options : bare(options, { deadline: Math.max(0, deadline - (clock.now() - this.#since)) });
    make(args, left, cell);
  }
}
