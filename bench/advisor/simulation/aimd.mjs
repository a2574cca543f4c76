/**
 * One more for every answer, a tenth less for every refusal. After the description of AIMDLimit in Netflix's concurrency-limits (github.com/Netflix/concurrency-limits); with `slow` also less for an
 * answer that takes so many times as long as the quickest did. Started low, without its least of 20, which is meant for servers.
 */
export class Aimd {
  #limit;
  #most;
  #slow;
  #quickest = Number.POSITIVE_INFINITY;
  #inFlight = 0;

  constructor({ start = 2, most = 1000, slow = Number.POSITIVE_INFINITY } = {}) {
    this.#limit = start;
    this.#most = most;
    this.#slow = slow;
  }

  get limit() {
    return Math.floor(this.#limit);
  }

  inFlight(_, n) {
    this.#inFlight = n;
  }

  ended(_, took, outcome) {
    if (outcome !== 'pushback') this.#quickest = Math.min(this.#quickest, took);
    if (outcome === 'pushback' || took > this.#slow * this.#quickest) this.#limit *= 0.9;
    else if (this.#inFlight * 2 >= this.#limit) this.#limit++;
    this.#limit = Math.min(this.#most, Math.max(1, this.#limit));
  }
}
