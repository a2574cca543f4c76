import { outside } from '../core/index.js';
import type { AnyFunction } from '../futures/index.js';
import { type FunctionRef, referenceOf } from '../wire/index.js';

/** How much a new measurement says against all before it. */
const NEW = 0.2;
/** How many functions' times a pool remembers. */
const MOST_KNOWN = 10_000;

/** How long a call takes. */
export interface Timing {
  ms: number | undefined;
}

/** A function that calls are made of: how it travels, and how long a call of it takes. */
export class PortableFunction {
  readonly fn: AnyFunction;
  ref: FunctionRef | undefined;
  /** Its reference being found out. */
  finding: Promise<void> | undefined;

  readonly #timings: Map<string, Timing>;
  #timing: Timing | undefined;

  /** @param timings What is known of functions by the text or the place they travel by: a closure written in a loop is a new one each time. */
  constructor(fn: AnyFunction, timings: Map<string, Timing>) {
    this.fn = fn;
    this.#timings = timings;
  }

  /** The same for functions that travel as the same. */
  get key(): string {
    const { ref } = this;
    return ref === undefined ? '' : ref.kind === 'source' ? ref.source : `${ref.url}#${ref.path.join('.')}`;
  }

  /** Milliseconds in a worker, a moving average. */
  get ms(): number | undefined {
    return this.#timing?.ms;
  }

  #known(ref: FunctionRef): void {
    this.ref = ref;
    const { key } = this;
    this.#timing = this.#timings.get(key) ?? { ms: undefined };
    if (this.#timings.size < MOST_KNOWN) this.#timings.set(key, this.#timing);
  }

  /** @returns `undefined` if the reference is known now, else what to wait for. It rejects with a NotPortableError. */
  find(): Promise<void> | undefined {
    if (this.ref) return undefined;
    if (this.finding === undefined) {
      const found = referenceOf(this.fn);
      if (!(found instanceof Promise)) {
        this.#known(found);
        return undefined;
      }
      this.finding = outside(() =>
        found
          .then((ref) => this.#known(ref))
          .finally(() => {
            this.finding = undefined; // a later portable() may mend a failure
          }),
      );
    }
    return this.finding;
  }

  ran(ms: number): void {
    const timing = this.#timing;
    if (timing) timing.ms = timing.ms === undefined ? ms : timing.ms + NEW * (ms - timing.ms);
  }
}
