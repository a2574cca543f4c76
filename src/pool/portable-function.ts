import type { AnyFunction } from '../futures/index.js';
import { type FunctionRef, referenceOf } from '../wire/index.js';

/** How much a new measurement says against all before it. */
const NEW = 0.2;

/** A function that calls are made of: how it travels, and how long a call of it takes. */
export class PortableFunction {
  readonly fn: AnyFunction;
  ref: FunctionRef | undefined;
  /** Its reference being found out. */
  finding: Promise<void> | undefined;
  /** Milliseconds in a worker, a moving average. */
  ms: number | undefined;

  constructor(fn: AnyFunction) {
    this.fn = fn;
  }

  /** @returns `undefined` if the reference is known now, else what to wait for. It rejects with a NotPortableError. */
  find(): Promise<void> | undefined {
    if (this.ref) return undefined;
    if (this.finding === undefined) {
      const found = referenceOf(this.fn);
      if (!(found instanceof Promise)) {
        this.ref = found;
        return undefined;
      }
      this.finding = found.then(
        (ref) => {
          this.ref = ref;
        },
        (error) => {
          this.finding = undefined; // a later portable() may mend it
          throw error;
        },
      );
    }
    return this.finding;
  }

  ran(ms: number): void {
    this.ms = this.ms === undefined ? ms : this.ms + NEW * (ms - this.ms);
  }
}
