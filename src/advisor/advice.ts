/** How the time of a function's calls is spent. The four add up to 1. */
export interface Shares {
  /** On the thread's processor: nothing else can run there meanwhile. */
  readonly computing: number;
  /** The thread is held, but does not compute: `readFileSync`, `Atomics.wait`, `spawnSync`. */
  readonly blocking: number;
  /** The thread is free; threads of Node's own pool (libuv's) compute: zlib, crypto, scrypt. */
  readonly pool: number;
  /** Thread and processor are free: a timer, the network, another process. */
  readonly waiting: number;
}

/**
 * What a function is bound by. `tiny`: its calls are shorter than what it costs to send them anywhere. `mixed`: it computes and waits, so it wants several
 * workers with several calls in each.
 */
export type WorkKind = 'cpu-bound' | 'blocking' | 'pool-bound' | 'io-bound' | 'mixed' | 'tiny';

/** A point of the plane: how many workers, and how many calls in progress in each. On `tasks` there is one worker, this thread. */
export interface Point {
  readonly on: 'tasks' | 'threads' | 'processes';
  readonly workers: number;
  readonly concurrency: number;
}

/** What a point would give. */
export interface Prediction extends Point {
  /** Calls a second, against one call at a time on this thread. */
  readonly speedup: number;
}

/** Something about the function that a choice of workers has to reckon with. */
export interface Caution {
  readonly code:
    | 'cannot-travel'
    | 'keeps-state'
    | 'costly-copies'
    | 'memory'
    | 'small-libuv-pool'
    | 'failed'
    | 'never-returned'
    | 'ended-its-process';
  readonly text: string;
}

/** What was measured of a function, and what follows from it. Times are ms. */
export interface Advice {
  /** The function's name. */
  readonly name: string;
  readonly kind: WorkKind;
  /** Whether `kind` can be relied on. If not, `settle` says what is missing. */
  readonly sure: boolean;
  /** From 0 to 1. */
  readonly confidence: number;
  /** If it is not sure: what would settle it. */
  readonly settle: string | undefined;
  readonly shares: Shares;
  /** How many calls were measured, and how many of them failed. */
  readonly calls: number;
  readonly failed: number;
  /** How long one call takes when nothing runs beside it, in ms: the median. */
  readonly ms: number;
  /** The recommended point, and how many inputs should travel together. */
  readonly point: Point;
  readonly chunk: number | 'auto';
  /** One for each model, the recommended point among them. */
  readonly predictions: readonly Prediction[];
  /** Two sentences for somebody who has never heard of event loops. */
  readonly why: readonly [string, string];
  readonly cautions: readonly Caution[];
}
