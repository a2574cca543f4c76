import { BrokenBarrierError, mustBe, type Parcel, some32, travels } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { ABORTED, BARRIER_WORDS, BarrierCore, RESET } from './barrier-core.js';
import { InLine } from './line.js';
import { SLOTS } from './slots.js';
import { type BlockLimits, block, later, mayBlock, type WaitLimits } from './waiting.js';

/**
 * A place where a number of threads, or tasks in them, wait for each other: when the last of them has come all go on. It can be used again at once. A thread that dies
 * while it waits has not come: the others wait for one more.
 *
 * Cancelling: `wait` is taken back; who is cancelled has not come.
 *
 * @example
 * ```ts run
 * import { SharedBarrier } from 'meantime/threads';
 *
 * const barrier = new SharedBarrier(2);
 * await Promise.all([barrier.wait(), barrier.wait()]); // => [0, 1]
 * ```
 */
export class SharedBarrier {
  readonly #core: BarrierCore;

  /**
   * @param parties How many wait for each other: a whole number from 1 to 250.
   * @throws {OptionError} code `MEANTIME_OPTION`.
   */
  constructor(parties: number);
  /** @internal */
  constructor(memory: SharedArrayBuffer);
  constructor(from: number | SharedArrayBuffer) {
    if (from instanceof SharedArrayBuffer) this.#core = new BarrierCore(new Int32Array(from));
    else {
      mustBe('SharedBarrier', most, from);
      this.#core = new BarrierCore(new Int32Array(new SharedArrayBuffer(BARRIER_WORDS * 4)), from);
    }
  }

  /** How many wait for each other. */
  get parties(): number {
    return this.#core.parties;
  }

  /** How many have come and wait, as of now. */
  get waiting(): number {
    return this.#core.slots.waiting;
  }

  /** Whether it was aborted, and not reset since. */
  get broken(): boolean {
    return this.#core.broken;
  }

  /**
   * Waits until as many as there are parties have come.
   *
   * Cancelling: takes the wait back: it has not come.
   *
   * @returns The place in the order of arrival, from 0; the one that came last has `parties - 1`.
   * @throws {BrokenBarrierError} code `MEANTIME_BROKEN_BARRIER`, if it is aborted, or is aborted or reset while this waits.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   */
  wait(options?: WaitLimits): Future<number> {
    return later(this.#inLine('wait()'), options);
  }

  /**
   * The same, and blocks this thread meanwhile.
   *
   * @throws {WouldBlockError} code `MEANTIME_WOULD_BLOCK`, on the main thread without `blockMain`; and what `wait` throws.
   */
  waitSync(options?: BlockLimits): number {
    const timeout = mayBlock('waitSync() of a SharedBarrier', options);
    return block(this.#inLine('waitSync()'), timeout);
  }

  /** Breaks it: for those who wait, and for those who come until it is reset. */
  abort(): void {
    this.#core.abort();
  }

  /** Breaks it for those who wait; for those who come it is as new. */
  reset(): void {
    this.#core.reset();
  }

  /** @internal */
  [travels](): Parcel {
    const parts = this.#core.words.buffer;
    return { kind: 'threads/SharedBarrier', parts, only: 'threads', instead: 'between processes use ProcessBarrier' };
  }

  #inLine(what: string): InLine<number> {
    return new InLine(`${what} of a SharedBarrier`, this.#core, 0, (answer) => {
      if (answer === ABORTED)
        throw new BrokenBarrierError(`${what} came to a SharedBarrier that is aborted, or was while it waited. Expected a reset() before`);
      if (answer === RESET) throw new BrokenBarrierError('The SharedBarrier was reset while this waited for the others');
      return answer;
    });
  }
}

const most = (value: unknown): string | undefined =>
  some32(value) === undefined && (value as number) <= SLOTS ? undefined : `a whole number from 1 to ${SLOTS}`;
