/**
 * Follows the ratio of long to short averages of the time an answer takes. After the description of Gradient2Limit in Netflix's concurrency-limits, with its defaults: least 20, a queue of 4,
 * smoothing 0.2, tolerance 1.5, a long window of 600. With `window` the short average is over as many answers as are in flight, and the least is 1, as a batch would have it.
 */
export class Gradient2 {
  #limit;
  #least;
  #most;
  #window;
  #inFlight = 0;
  #long = 0;
  #seen = 0;
  #sum = 0;
  #count = 0;

  constructor({ least = 20, most = 1000, start = least, window = false } = {}) {
    this.#limit = start;
    this.#least = least;
    this.#most = most;
    this.#window = window;
  }

  get limit() {
    return Math.floor(this.#limit);
  }

  inFlight(_, n) {
    this.#inFlight = n;
  }

  ended(_, took, outcome) {
    // Its windows leave out what was refused, and it does not look at refusals otherwise.
    if (outcome === 'pushback') return;
    this.#sum += took;
    if (++this.#count < (this.#window ? this.#limit : 1)) return;
    const short = this.#sum / this.#count;
    this.#sum = this.#count = 0;
    this.#long = this.#seen < 10 ? (this.#long * this.#seen + short) / (this.#seen + 1) : this.#long + (2 / 601) * (short - this.#long);
    this.#seen++;
    if (this.#long / short > 2) this.#long *= 0.95;
    if (this.#inFlight < this.#limit / 2) return;
    const gradient = Math.max(0.5, Math.min(1, (1.5 * this.#long) / short));
    const wanted = this.#limit * gradient + 4;
    this.#limit = Math.min(this.#most, Math.max(this.#least, this.#limit * 0.8 + wanted * 0.2));
  }
}
