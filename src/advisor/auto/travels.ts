import { NotPortableError, outside, RecursiveImportError } from '../../core/index.js';
import type { AnyFunction } from '../../futures/index.js';
import { referenceOf } from '../../wire/index.js';
import { loadedThreads, loadThreads } from './load-threads.js';

/** Which functions can travel, asked once for each. With the answer that one can, the room of threads is there. */
export class Travels {
  readonly #known = new WeakMap<AnyFunction, boolean | Promise<boolean>>();
  readonly #reasons = new WeakMap<AnyFunction, Error>();
  readonly #ready: () => void;

  /** @param ready Called when the room of threads is there: throws a RecursiveImportError if there can be none. */
  constructor(ready: () => void) {
    this.#ready = ready;
  }

  /** At once where that is known. */
  of(fn: AnyFunction): boolean | Promise<boolean> {
    const known = this.#known.get(fn);
    if (known !== undefined) return known;
    let answer: boolean | Promise<boolean>;
    try {
      const found = referenceOf(fn);
      if (!(found instanceof Promise) && loadedThreads() !== undefined) {
        this.#ready();
        answer = true;
      } else {
        answer = outside(() =>
          Promise.all([found, loadThreads()])
            .then(() => this.#ready())
            .then(
              () => this.#keep(fn, true),
              (error) => this.#refused(fn, error),
            ),
        );
      }
    } catch (error) {
      answer = this.#refused(fn, error);
    }
    this.#known.set(fn, answer);
    return answer;
  }

  /** Why it cannot. */
  reason(fn: AnyFunction): string {
    return this.#reasons.get(fn)?.message ?? `${fn.name || 'a function'} cannot travel`;
  }

  #keep(fn: AnyFunction, can: boolean): boolean {
    this.#known.set(fn, can);
    return can;
  }

  #refused(fn: AnyFunction, error: unknown): boolean {
    // That will pass: when the module has been imported.
    if (error instanceof RecursiveImportError) queueMicrotask(() => this.#known.delete(fn));
    // Anything else goes wrong where the call is made, which then says so.
    if (!(error instanceof NotPortableError || error instanceof RecursiveImportError)) return this.#keep(fn, true);
    this.#reasons.set(fn, error);
    return this.#keep(fn, false);
  }
}
