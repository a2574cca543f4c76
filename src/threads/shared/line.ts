import type { Words } from './atomics.js';
import type { Monitor } from './monitor.js';
import { CALLED, SERVED, type Slots } from './slots.js';
import type { Waiting } from './waiting.js';

/** What people stand in line for: how one primitive decides, under its monitor's guard. Requests and answers are whole numbers that it gives a meaning. */
export interface Counter {
  readonly monitor: Monitor;
  readonly slots: Slots;
  /** Serves at once, if nobody is before; else `undefined`. */
  admit(request: number): number | undefined;
  /** Serves those in line that can be served now. `ask`: first look closely whether those who hold something are alive. */
  serve(ask: boolean): void;
  /** What is kept of a request in the line; without it, the request. */
  mark?(request: number): number;
  /** Takes back what was served and nobody takes. */
  takeBack(request: number, answer: number): void;
}

/** Standing in line. */
export class InLine<T> implements Waiting<T> {
  readonly what: string;
  readonly #counter: Counter;
  readonly #request: number;
  readonly #make: (answer: number) => T;
  #slot = -1;
  #answer = 0;

  /** @param make Makes of the answer what the caller is given, or throws. */
  constructor(what: string, counter: Counter, request: number, make: (answer: number) => T) {
    this.what = what;
    this.#counter = counter;
    this.#request = request;
    this.#make = make;
  }

  stuck(): Error | undefined {
    return undefined;
  }

  get words(): Words {
    return this.#counter.monitor.words;
  }

  get at(): number {
    return this.#slot < 0 ? -1 : this.#counter.slots.stateAt(this.#slot);
  }

  begin(): boolean {
    return this.#counter.monitor.within(() => this.#ask(false));
  }

  retry(late: boolean): boolean {
    const { monitor, slots } = this.#counter;
    return monitor.within(() => {
      if (this.#slot < 0) return this.#ask(late);
      if (this.#served()) return true;
      if (late) {
        this.#counter.serve(true);
        if (this.#served()) return true;
      }
      if (slots.state(this.#slot) === CALLED) slots.rest(this.#slot);
      return false;
    });
  }

  leave(): boolean {
    return this.#counter.monitor.within(() => {
      if (this.#slot < 0) return true;
      if (this.#served()) return false;
      this.#counter.slots.free(this.#slot);
      this.#counter.serve(false); // it may have stood before others
      return true;
    });
  }

  outcome(): T {
    return this.#make(this.#answer);
  }

  decline(): void {
    this.#counter.monitor.within(() => this.#counter.takeBack(this.#request, this.#answer));
  }

  #ask(late: boolean): boolean {
    let answer = this.#counter.admit(this.#request);
    if (answer === undefined) {
      this.#counter.serve(late); // what the dead have left
      answer = this.#counter.admit(this.#request);
    }
    if (answer === undefined) {
      this.#slot = this.#counter.slots.claim(this.#counter.mark?.(this.#request) ?? this.#request);
      return false;
    }
    this.#answer = answer;
    return true;
  }

  #served(): boolean {
    const { slots } = this.#counter;
    if (slots.state(this.#slot) !== SERVED) return false;
    this.#answer = slots.data(this.#slot);
    slots.free(this.#slot);
    return true;
  }
}
