import type { WorkerEnd } from '../core/index.js';
import type { Boot, Carrier, Claims } from '../wire/index.js';

/** How a worker ended, and the error that ended it if there was one. */
export interface LinkEnd extends WorkerEnd {
  error?: unknown;
}

/** What a worker's connection tells its seat. */
export interface LinkEvents {
  /** @param message Whatever came: it has not been looked at. */
  message(message: unknown): void;
  /** The worker is gone, and every message that it got out has been given to `message`. Once. */
  end(end: LinkEnd): void;
}

/** What a worker has used since it started, in ms. */
export interface LinkUsage {
  /** How long its event loop was not idle: computing or held. */
  readonly busy: number;
  /** How long its thread was on a processor; `undefined` if the platform does not tell. */
  readonly computing: number | undefined;
  /** How long it was ready to, but others had the processors; `undefined` if the platform does not tell. */
  readonly waiting: number | undefined;
}

/** A connection to one worker. */
export interface Link {
  /** How messages leave. */
  readonly carrier: Carrier;
  /** Of the thread or process; 0 until it has one. */
  readonly id: number;
  /** @throws if something in it cannot be cloned; nothing has been sent then. */
  post(message: unknown[], transfer?: readonly unknown[]): void;
  /** Whether a value can be sent. */
  carries(value: unknown): boolean;
  /** Keeps the process alive, or lets it end. */
  hold(on: boolean): void;
  /** Ends the worker at once. */
  kill(): void;
  /** What it has used so far, asked from outside: it may be busy. */
  usage?(): LinkUsage | undefined;
}

/** One way to have workers. */
export interface Transport {
  /** For messages: `thread`, `process`. */
  readonly kind: string;
  /** Whether pool and worker can share the claim word. */
  readonly shares: boolean;
  /** How long a worker that was asked to end may take, in ms, before it is killed. */
  readonly patience: number;
  open(boot: Boot, claims: Claims | undefined, events: LinkEvents): Link;
}
