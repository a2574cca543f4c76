/**
 * Climbs as long as a window brings at least a twentieth more answers a second, else turns round with a smaller stride: from twice as many to a tenth more. A window is 50 ms, or four answers
 * for each in flight. The plain form of what .NET's thread pool does; refusals mean nothing to it.
 */
export class HillClimb {
  #limit;
  #most;
  #stride = 2;
  #up = true;
  #last = 0;
  #count = 0;
  #opened = 0;

  constructor({ start = 2, most = 1000 } = {}) {
    this.#limit = start;
    this.#most = most;
  }

  get limit() {
    return this.#limit;
  }

  ended(at, _, outcome) {
    if (outcome !== 'pushback') this.#count++;
    if (at - this.#opened < 50 || this.#count < 4 * this.#limit) return;
    const rate = this.#count / (at - this.#opened);
    this.#opened = at;
    this.#count = 0;
    const isBetter = this.#up ? rate > 1.05 * this.#last : rate > 0.95 * this.#last;
    if (!isBetter) {
      this.#up = !this.#up;
      this.#stride = Math.max(1.1, Math.sqrt(this.#stride));
    }
    this.#last = rate;
    const next = this.#up ? Math.max(this.#limit + 1, Math.round(this.#limit * this.#stride)) : Math.round(this.#limit / this.#stride);
    this.#limit = Math.min(this.#most, Math.max(1, next));
  }
}
