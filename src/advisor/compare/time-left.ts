import { clock, onAbort, type Timer } from '../../core/index.js';

/** Why a comparison ends before all was measured. */
export type Over = 'timed-out' | 'stopped' | 'cancelled';

/** The time that a comparison has as a whole, and the passes that it is spent on. */
export class TimeLeft {
  readonly #end = new AbortController();
  readonly #until: number;
  readonly #timer: Timer | undefined;
  readonly #release: (() => void)[] = [];
  over: Over | undefined;

  /** @param stop Ends it when it aborts. */
  constructor(ms: number, stop: AbortSignal | undefined) {
    this.#until = clock.now() + ms;
    if (ms !== Number.POSITIVE_INFINITY) this.#timer = clock.after(ms, () => this.finish('timed-out'));
    if (stop?.aborted) this.finish('stopped');
    else if (stop) this.#release.push(onAbort(stop, () => this.finish('stopped')));
  }

  /** Aborts when it is over, whatever the reason. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** In ms. */
  get left(): number {
    return this.#until - clock.now();
  }

  finish(why: Over): void {
    this.over ??= why;
    this.#end.abort();
  }

  /**
   * Runs a pass, for at most `ms`.
   *
   * Cancelling: the pass is given a signal, which aborts then, or when all is over.
   *
   * @returns `cut` if it was ended so.
   */
  async spend<T>(ms: number, pass: (signal: AbortSignal) => Promise<T>): Promise<T | 'cut'> {
    if (this.over) return 'cut';
    const cut = new AbortController();
    const release = onAbort(this.signal, () => cut.abort());
    const timer = ms === Number.POSITIVE_INFINITY ? undefined : clock.after(ms, () => cut.abort());
    try {
      return await pass(cut.signal);
    } catch (error) {
      if (cut.signal.aborted) return 'cut';
      throw error;
    } finally {
      timer?.cancel();
      release();
    }
  }

  close(): void {
    this.#timer?.cancel();
    for (const release of this.#release) release();
  }
}
