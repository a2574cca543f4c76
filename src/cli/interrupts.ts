import { clock } from '../core/index.js';
import { end, endBySignal, mayHoldExit } from './ending.js';
import { ExitCode } from './exit-code.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/**
 * Signals that come within so many ms of one that counted are the same request: `timeout` signals
 * the command and then its group, `npx` hands on what the group has had as well, and a container's
 * stop may do both.
 */
const SAME = 300;
/**
 * How long the run may take to end when it was told to end at once, in ms. Calls that do not let go
 * are ended after a second.
 */
const LATEST = 2500;

/**
 * The first Ctrl-C asks, the second one ends the run there and then. SIGTERM and SIGHUP count as
 * Ctrl-C.
 */
export class Interrupts {
  readonly #asked = new AbortController();
  readonly #again = new AbortController();
  readonly #last: (() => void) | undefined;
  readonly #handle: () => void;
  #sameUntil = Number.NEGATIVE_INFINITY;

  /**
   * @param asked Called at the first.
   * @param last For a run that can be ended by the signal `now`: called before the process ends all
   * the same, because the run had not ended in time, or at the third.
   */
  constructor(asked: () => void, last?: () => void) {
    this.#last = last;
    this.#handle = () => {
      const now = clock.now();
      if (now < this.#sameUntil) return;
      this.#sameUntil = now + SAME;
      if (!this.#asked.signal.aborted) {
        asked();
        this.#asked.abort();
      } else if (last !== undefined && !this.#again.signal.aborted) {
        // The call that holds the run may hold the exit, too.
        clock.after(LATEST, () => this.#end(endBySignal), true);
        this.#again.abort();
      } else if (last === undefined || !mayHoldExit()) this.#end(end);
    };
    for (const name of SIGNALS) process.on(name, this.#handle);
  }

  /** Aborts at the first. */
  get signal(): AbortSignal {
    return this.#asked.signal;
  }

  /** Aborts at the second. */
  get now(): AbortSignal {
    return this.#again.signal;
  }

  close(): void {
    for (const name of SIGNALS) process.removeListener(name, this.#handle);
  }

  #end(how: (code: number) => never): never {
    this.#last?.();
    return how(ExitCode.interrupted);
  }
}
