/** Calls without an end: `fn` over its inputs, again and again, as fast as `executor` makes them. */
export class Stream {
  #ended = false;
  #count;
  #done;

  /** @param inputs A list to go through again and again, or a function that gives the next. */
  constructor(executor, fn, inputs, options = {}) {
    this.#done = this.#read(executor.map(fn, this.#endless(inputs), { ordered: false, ...options }));
    this.#done.catch(() => undefined); // whoever counts, or ends it, hears of it
  }

  *#endless(inputs) {
    for (let i = 0; ; i++) yield typeof inputs === 'function' ? inputs() : inputs[i % inputs.length];
  }

  async #read(results) {
    for await (const _ of results) {
      if (this.#ended) break;
      this.#count?.();
    }
  }

  /**
   * Results a second, from the first that comes to the first that comes `ms` or more later. So it begins and ends at the same place of a batch, and each counts whole; and it needs no
   * timer, which would be late on a thread that computes.
   */
  rate(ms) {
    let from;
    let count = 0;
    return new Promise((resolve, reject) => {
      this.#done.then(() => reject(new Error('The calls ended before they were counted')), reject);
      this.#count = () => {
        const at = performance.now();
        if (from === undefined) {
          from = at;
          return;
        }
        count++;
        if (at - from < ms) return;
        this.#count = undefined;
        resolve((count / (at - from)) * 1000);
      };
    });
  }

  /** Cancels what is in flight: an executor may have taken thousands of calls ahead, and to wait for them all would take longer than what is measured. */
  async end() {
    this.#ended = true;
    await this.#done;
  }
}
