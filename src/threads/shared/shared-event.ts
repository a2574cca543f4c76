import { type Parcel, travels } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { EVENT_WORDS, EventCore } from './event-core.js';
import { InLine } from './line.js';
import { type BlockLimits, block, later, mayBlock, type WaitLimits } from './waiting.js';

/**
 * A flag that threads share, to wait for. Who waits when it is set goes on, also if it is cleared right after.
 *
 * Cancelling: `wait` is taken back.
 *
 * @example
 * ```ts run
 * import { SharedEvent, toThread } from 'meantime/threads';
 *
 * const ready = new SharedEvent();
 * const there = toThread((event: SharedEvent) => (event.waitSync(), 'it is set'), ready);
 * ready.set();
 * await there; // => 'it is set'
 * ```
 */
export class SharedEvent {
  readonly #core: EventCore;

  constructor();
  /** @internal */
  constructor(memory: SharedArrayBuffer);
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(EVENT_WORDS * 4)) {
    this.#core = new EventCore(new Int32Array(memory));
  }

  /** Whether it is set, as of now. */
  get isSet(): boolean {
    return this.#core.isSet;
  }

  /** How many wait, in all threads, as of now. */
  get waiting(): number {
    return this.#core.slots.waiting;
  }

  /** Sets it, and lets all go on that wait. */
  set(): void {
    this.#core.set();
  }

  /** Clears it: who comes now waits. */
  clear(): void {
    this.#core.clear();
  }

  /**
   * Waits until it is set; not at all if it is.
   *
   * Cancelling: takes the wait back.
   *
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   */
  wait(options?: WaitLimits): Future<void> {
    return later(this.#inLine('wait()'), options);
  }

  /**
   * Waits until it is set, and blocks this thread until then.
   *
   * @throws {WouldBlockError} code `MEANTIME_WOULD_BLOCK`, on the main thread without `blockMain`.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   */
  waitSync(options?: BlockLimits): void {
    const timeout = mayBlock('waitSync() of a SharedEvent', options);
    if (!this.#core.isSet) block(this.#inLine('waitSync()'), timeout);
  }

  /** @internal */
  [travels](): Parcel {
    return { kind: 'threads/SharedEvent', parts: this.#core.words.buffer, only: 'threads', instead: 'between processes use ProcessEvent' };
  }

  #inLine(what: string): InLine<void> {
    return new InLine(`${what} of a SharedEvent`, this.#core, this.#core.changes, () => undefined);
  }
}
