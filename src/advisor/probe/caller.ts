import { clock, drive, isCoroutine } from '../../core/index.js';
import { told } from '../told.js';

/** Calls a function in a row, one input after the other and again from the first, as a worker would: promises and coroutines are awaited. */
export class Caller {
  calls = 0;
  failed = 0;
  /** The first failure. */
  failure: string | undefined;
  /** What the last call that did not fail gave. */
  result: unknown;
  readonly #fn: (input: unknown) => unknown;
  readonly #inputs: readonly unknown[];

  constructor(fn: (input: unknown) => unknown, inputs: readonly unknown[]) {
    this.#fn = fn;
    this.#inputs = inputs;
  }

  /** Makes so many calls. @returns The ms they took. */
  async run(calls: number): Promise<number> {
    const fn = this.#fn;
    const inputs = this.#inputs;
    const began = clock.now();
    // Nothing is awaited that need not be: a turn of promises costs more than a short call.
    for (let i = 0; i < calls; i++) {
      const input = inputs[this.calls++ % inputs.length];
      try {
        let value = fn(input);
        if (typeof value === 'object' && value !== null) {
          if (isCoroutine(value)) value = drive(value);
          if (typeof (value as PromiseLike<unknown>).then === 'function') value = await (value as PromiseLike<unknown>);
        }
        this.result = value;
      } catch (error) {
        this.failed++;
        this.failure ??= told(error);
      }
    }
    return clock.now() - began;
  }
}
