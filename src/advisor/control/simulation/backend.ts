import { type Random, seeded } from '../../../core/index.js';

/** How long a call takes, in ms, and whether it is refused. */
export interface Answer {
  readonly took: number;
  readonly refused?: boolean;
}

/** Somebody who is asked: gives, at the start of a call, when it will be answered. */
export interface Backend {
  /** @param inFlight How many are in flight, this call included. */
  call(at: number, inFlight: number): Answer;
}

export interface BackendCase {
  readonly id: string;
  readonly title: string;
  readonly make: (seed: number) => Backend;
  /** When it becomes another one, as a share of the run. */
  readonly turn?: number;
  readonly refuses?: boolean;
}

/** A normally distributed number (Box and Muller). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Times around `mean` with that coefficient of variation: 0 is always the same, 1 exponential, else log-normal. */
function times(random: Random, mean: number, cv: number): () => number {
  if (cv === 0) return () => mean;
  if (cv === 1) return () => -mean * Math.log(1 - random());
  const variance = Math.log(1 + cv * cv);
  return () => mean * Math.exp(normal(random) * Math.sqrt(variance) - variance / 2);
}

interface ServersOptions {
  /** How many there are at a time. */
  readonly count: (at: number) => number;
  readonly ms: (at: number) => number;
  readonly cv: number;
  /** Time on the way there and back, in ms. */
  readonly network?: number;
}

/** So many that work, first come, first served. */
class Servers implements Backend {
  readonly #options: ServersOptions;
  readonly #time: () => number;
  readonly #way: () => number;
  /** When each is free again. */
  #free: number[] = [];

  constructor(seed: number, options: ServersOptions) {
    const random = seeded(seed);
    this.#options = options;
    this.#time = times(random, 1, options.cv);
    this.#way = times(random, options.network ?? 0, 0.5);
  }

  call(at: number): Answer {
    const { count, ms, network } = this.#options;
    const servers = count(at);
    // Those that are gone finish what they had: the busiest are the ones to go.
    if (this.#free.length > servers) this.#free.sort((a, b) => a - b).length = servers;
    while (this.#free.length < servers) this.#free.push(0);
    let first = 0;
    for (let i = 1; i < servers; i++) if (this.#free[i] < this.#free[first]) first = i;
    const way = network === undefined ? 0 : this.#way();
    const start = Math.max(at + way / 2, this.#free[first]);
    const end = start + this.#time() * ms(at);
    this.#free[first] = end;
    return { took: end + way / 2 - at };
  }
}

/** One that becomes slower the more are in flight (Gunther's universal scalability law). */
class Crowded implements Backend {
  readonly #time: () => number;

  constructor(seed: number, ms: number) {
    this.#time = times(seeded(seed), ms, 0.2);
  }

  call(_: number, n: number): Answer {
    return { took: this.#time() * (1 + 0.02 * (n - 1) + 0.001 * n * (n - 1)) };
  }
}

/** One that refuses what is over `most`, at once. */
class Refusing implements Backend {
  readonly #most: (at: number) => number;
  readonly #time: () => number;
  readonly #refusal: () => number;
  #busy: number[] = [];
  /** When the first of them is done. */
  #next = 0;

  constructor(seed: number, most: (at: number) => number, ms: number) {
    const random = seeded(seed);
    this.#most = most;
    this.#time = times(random, ms, 0.2);
    this.#refusal = times(random, 5, 0.2);
  }

  call(at: number): Answer {
    if (at >= this.#next) {
      this.#busy = this.#busy.filter((end) => end > at);
      this.#next = Math.min(...this.#busy);
    }
    if (this.#busy.length >= this.#most(at)) return { took: this.#refusal(), refused: true };
    const took = this.#time();
    this.#busy.push(at + took);
    this.#next = Math.min(this.#next, at + took);
    return { took };
  }
}

const servers = (count: number, ms: number, cv: number, network?: number) => (seed: number) =>
  new Servers(seed, { count: () => count, ms: () => ms, cv, ...(network === undefined ? {} : { network }) });

/** A turn in the life of a backend, at the middle of a run of `length` ms. */
const turning = (before: number, after: number, length: number) => (at: number) => (at < length / 2 ? before : after);

/** The backends that the control is held to, for runs of `length` ms. */
export function backends(length: number): readonly BackendCase[] {
  return [
    { id: 'servers', title: '16 servers, 20 ms', make: servers(16, 20, 0.1, 3) },
    { id: 'variance', title: '64 servers, 50 ms on average, exponential', make: servers(64, 50, 1, 3) },
    { id: 'cpu', title: '2 cores, 20 ms', make: servers(2, 20, 0.05) },
    { id: 'crowded', title: 'slower past 30', make: (seed) => new Crowded(seed, 20) },
    { id: 'refusing', title: '429 above 24', refuses: true, make: (seed) => new Refusing(seed, () => 24, 20) },
    {
      id: 'loss',
      title: '16 servers, then 4',
      turn: 0.5,
      make: (seed) => new Servers(seed, { count: turning(16, 4, length), ms: () => 20, cv: 0.1, network: 3 }),
    },
  ];
}

/** More of them, with other corners. */
export function moreBackends(length: number): readonly BackendCase[] {
  return [
    { id: 'cpu-1', title: '2 cores, 1 ms', make: servers(2, 1, 0.1) },
    { id: 'cpu-200', title: '2 cores, 200 ms', make: servers(2, 200, 0.1) },
    { id: 'one', title: '1 server, 20 ms', make: servers(1, 20, 0.1) },
    { id: 'lockstep', title: '16 servers, exactly 20 ms', make: servers(16, 20, 0) },
    { id: 'slow', title: '16 servers, 1 s', make: servers(16, 1000, 0.3) },
    {
      id: 'gain',
      title: '4 servers, then 16',
      turn: 0.5,
      make: (seed) => new Servers(seed, { count: turning(4, 16, length), ms: () => 20, cv: 0.1, network: 3 }),
    },
    {
      id: 'slower',
      title: '16 servers, 20 ms, then 80 ms',
      turn: 0.5,
      make: (seed) => new Servers(seed, { count: () => 16, ms: turning(20, 80, length), cv: 0.1, network: 3 }),
    },
    {
      id: 'refusing-more',
      title: '429 above 24, then above 48',
      turn: 0.5,
      refuses: true,
      make: (seed) => new Refusing(seed, turning(24, 48, length), 20),
    },
    {
      id: 'refusing-less',
      title: '429 above 24, then above 6',
      turn: 0.5,
      refuses: true,
      make: (seed) => new Refusing(seed, turning(24, 6, length), 20),
    },
  ];
}
