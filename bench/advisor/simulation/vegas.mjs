/** The mean of what theirs draws from a half to one. */
const JITTER = 0.75;

const step = (limit) => Math.max(1, Math.log10(limit));

/**
 * Keeps the estimated queue between two bounds. After the description of VegasLimit in Netflix's concurrency-limits: bounds of three and six times the logarithm of the limit, the quickest answer
 * is forgotten every 30 times the limit. Takes the plain minimum of all answers.
 */
export class Vegas {
  #limit;
  #most;
  #quickest = Number.POSITIVE_INFINITY;
  #inFlight = 0;
  #samples = 0;

  constructor({ start = 2, most = 1000 } = {}) {
    this.#limit = start;
    this.#most = most;
  }

  get limit() {
    return Math.floor(this.#limit);
  }

  inFlight(_, n) {
    this.#inFlight = n;
  }

  ended(_, took, outcome) {
    const forget = ++this.#samples >= 30 * JITTER * this.#limit;
    if (forget || took < this.#quickest) {
      if (forget) this.#samples = 0;
      this.#quickest = took;
      return;
    }
    if (outcome === 'pushback') {
      this.#set(this.#limit - step(this.#limit));
      return;
    }
    if (this.#inFlight * 2 < this.#limit) return;
    const queue = Math.ceil(this.#limit * (1 - this.#quickest / took));
    const log = step(this.#limit);
    if (queue <= log) this.#set(this.#limit + 6 * log);
    else if (queue < 3 * log) this.#set(this.#limit + log);
    else if (queue > 6 * log) this.#set(this.#limit - log);
  }

  #set(limit) {
    this.#limit = Math.min(this.#most, Math.max(1, limit));
  }
}
