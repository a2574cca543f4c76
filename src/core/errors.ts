import { bare } from './bare.js';
import { inherits } from './inherits.js';

/**
 * Every error that Meantime throws. The `code` is the promise: match on it. A brand under a
 * `Symbol.for` key lets `instanceof` hold between two copies of the package and across realms.
 */
const brands: unique symbol = Symbol.for('meantime.error') as never;

/** The root of Meantime's errors: a stable `code`, and a brand that survives duplicate copies. */
export class MeantimeError extends Error {
  readonly code: string = 'MEANTIME_ERROR';

  constructor(message?: string, options?: ErrorOptions) {
    super(message, options);
    // A class name is lost by minifiers; the name of an error is read by people and by loggers.
    Object.defineProperty(this, 'name', bare({ value: new.target.label, configurable: true, writable: true }));
  }

  /** The `name` of this class's instances. */
  static readonly label: string = 'MeantimeError';

  get [brands](): string[] {
    const chain: string[] = [];
    for (let c = this.constructor as typeof MeantimeError; typeof c?.label === 'string'; c = Object.getPrototypeOf(c)) {
      chain.push(c.label);
    }
    return chain;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    if (inherits(value, this.prototype)) return true;
    const chain = (value as { [brands]?: unknown })[brands];
    return Object.hasOwn(this, 'label') && Array.isArray(chain) && chain.includes(this.label);
  }
}

/** A call, a task or a scope was cancelled. Known to `fetch`, to Node and to every library that knows AbortSignal. */
export class CancelledError extends MeantimeError {
  static override readonly label = 'AbortError';
  override readonly code: string = 'ABORT_ERR';
  /** What was given to `cancel(reason)` or `abort(reason)`. */
  readonly reason: unknown;

  constructor(message = 'This operation was cancelled', options?: ErrorOptions & { reason?: unknown }) {
    super(message, options);
    this.reason = options?.reason;
  }
}

/** A time limit ran out. */
export class TimeoutError extends MeantimeError {
  static override readonly label = 'TimeoutError';
  override readonly code: string = 'MEANTIME_TIMEOUT';
}

/** `future.result()` was asked for before there was one. */
export class NotSettledError extends MeantimeError {
  static override readonly label = 'NotSettledError';
  override readonly code: string = 'MEANTIME_NOT_SETTLED';
}

/** What is known of a function that cannot travel. */
export interface NotPortableDetails {
  functionName?: string;
  /** The user's file where a source map tells, else the compiled script. Lines and columns count from 1. */
  location?: { readonly url: string; readonly line: number; readonly column: number };
  /** What it takes from around itself: variables, and `this`, `super` and the like. */
  freeVariables?: readonly string[];
}

/** A function cannot travel to a worker. */
export class NotPortableError extends MeantimeError implements NotPortableDetails {
  static override readonly label = 'NotPortableError';
  override readonly code: string = 'MEANTIME_NOT_PORTABLE';
  readonly functionName: string | undefined;
  readonly location: NotPortableDetails['location'];
  readonly freeVariables: readonly string[];

  constructor(message: string, details: NotPortableDetails & ErrorOptions = bare({})) {
    super(message, details);
    this.functionName = details.functionName;
    this.location = details.location;
    this.freeVariables = details.freeVariables ?? [];
  }
}

/** An argument or a result cannot travel; only that call fails. */
export class NotCloneableError extends MeantimeError {
  static override readonly label = 'NotCloneableError';
  override readonly code: string = 'MEANTIME_NOT_CLONEABLE';
}

/** What is known of a worker's end. */
export interface WorkerEnd {
  /** The exit code, or `null` if a signal ended it. */
  exitCode: number | null;
  /** The signal that ended it, or `null`. */
  signal: string | null;
  /** The last of what it wrote to stderr. */
  stderr: string;
}

/** The worker that ran this call is gone: exit, crash, kill, out of memory. */
export class WorkerLostError extends MeantimeError implements WorkerEnd {
  static override readonly label = 'WorkerLostError';
  override readonly code: string = 'MEANTIME_WORKER_LOST';
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderr: string;

  constructor(message: string, end: WorkerEnd, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = end.exitCode;
    this.signal = end.signal;
    this.stderr = end.stderr;
  }
}

/** A worker could not start: its initializer threw, or it ended before it was ready. */
export class WorkerStartError extends MeantimeError {
  static override readonly label = 'WorkerStartError';
  override readonly code: string = 'MEANTIME_WORKER_START';
}

/**
 * The system refused something that this package needs for itself: a folder, a file, a socket,
 * memory. The `code` is the system's: `ENOENT`, `EMFILE`, `ENOSPC`.
 * Or another process refused: one may have only so much of it.
 */
export class ResourceError extends MeantimeError {
  static override readonly label = 'ResourceError';
  override readonly code: string;
  /** Which file or folder it was, if it was one. */
  readonly path: string | undefined;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    const cause = options?.cause as { code?: unknown; path?: unknown } | undefined;
    this.code = typeof cause?.code === 'string' ? cause.code : 'MEANTIME_RESOURCE';
    this.path = typeof cause?.path === 'string' ? cause.path : undefined;
  }
}

/** The executor was shut down and takes no more calls. */
export class ShutdownError extends MeantimeError {
  static override readonly label = 'ShutdownError';
  override readonly code: string = 'MEANTIME_SHUTDOWN';
}

/** A pool was made while a worker imported the module that makes it. */
export class RecursiveImportError extends MeantimeError {
  static override readonly label = 'RecursiveImportError';
  override readonly code: string = 'MEANTIME_RECURSIVE_IMPORT';
}

/** An option is unknown, of the wrong type or out of range. */
export class OptionError extends MeantimeError {
  static override readonly label = 'OptionError';
  override readonly code: string = 'MEANTIME_OPTION';
}

/** A message on the wire is not what the protocol allows. */
export class WireError extends MeantimeError {
  static override readonly label = 'WireError';
  override readonly code: string = 'MEANTIME_WIRE';
}

/** An input of a batch cannot be read or is malformed. */
export class InputError extends MeantimeError {
  static override readonly label = 'InputError';
  override readonly code: string = 'MEANTIME_INPUT';
}

/** An output, a journal or an errors file of a batch cannot be written or continued. */
export class OutputError extends MeantimeError {
  static override readonly label = 'OutputError';
  override readonly code: string = 'MEANTIME_OUTPUT';
}

/** A function was expected; most often it was called instead of passed. */
export class NotCallableError extends MeantimeError {
  static override readonly label = 'NotCallableError';
  override readonly code: string = 'MEANTIME_NOT_CALLABLE';
}

/** The results of a map are awaited, or read, already: it runs once. */
export class AlreadyStartedError extends MeantimeError {
  static override readonly label = 'AlreadyStartedError';
  override readonly code: string = 'MEANTIME_ALREADY_STARTED';
}

/** Something was released, or used, that is not held. */
export class NotHeldError extends MeantimeError {
  static override readonly label = 'NotHeldError';
  override readonly code: string = 'MEANTIME_NOT_HELD';
}

/** Whoever waits would wait for itself: a task for the block it is in, a thread for a lock that it holds. */
export class SelfWaitError extends MeantimeError {
  static override readonly label = 'SelfWaitError';
  override readonly code: string = 'MEANTIME_SELF_WAIT';
}

/** A barrier was aborted, or reset, while this one waited at it, or before it came. */
export class BrokenBarrierError extends MeantimeError {
  static override readonly label = 'BrokenBarrierError';
  override readonly code: string = 'MEANTIME_BROKEN_BARRIER';
}

/** A queue was closed: it takes nothing more, or has nothing more to give. */
export class QueueClosedError extends MeantimeError {
  static override readonly label = 'QueueClosedError';
  override readonly code: string = 'MEANTIME_QUEUE_CLOSED';
}

/** A lock was held by a thread or a process that is gone: whoever got it next finds this beside it. What the lock guards may be half done. */
export class AbandonedError extends MeantimeError {
  static override readonly label = 'AbandonedError';
  override readonly code: string = 'MEANTIME_ABANDONED';
}

/** A call would have blocked the main thread, and with it everything, without having been told to. */
export class WouldBlockError extends MeantimeError {
  static override readonly label = 'WouldBlockError';
  override readonly code: string = 'MEANTIME_WOULD_BLOCK';
}

/** A value, or a message, is over what its channel takes. */
export class TooLargeError extends MeantimeError {
  static override readonly label = 'TooLargeError';
  override readonly code: string = 'MEANTIME_TOO_LARGE';
}

/** The other side of a connection could not prove that it knows the key, or would not let us prove it. */
export class AuthenticationError extends MeantimeError {
  static override readonly label = 'AuthenticationError';
  override readonly code: string = 'MEANTIME_AUTHENTICATION';
}

/** The other side of a connection, a pipe or a handle is gone, or this side was closed. */
export class ConnectionClosedError extends MeantimeError {
  static override readonly label = 'ConnectionClosedError';
  override readonly code: string = 'MEANTIME_CONNECTION_CLOSED';
}

/** An object that is used from afar has no such method, or none that may be used from there. */
export class NoMethodError extends MeantimeError {
  static override readonly label = 'NoMethodError';
  override readonly code: string = 'MEANTIME_NO_METHOD';
}

/** A state that should be impossible. */
export class InternalError extends MeantimeError {
  static override readonly label = 'InternalError';
  override readonly code: string = 'MEANTIME_INTERNAL';

  constructor(what: string) {
    super(`${what}. This is a bug in Meantime, please report it.`);
  }
}

/** Every class of this file: what can arrive from another thread or process as itself. */
export const errorClasses: readonly (new (...args: never[]) => MeantimeError)[] = [
  MeantimeError,
  CancelledError,
  TimeoutError,
  NotSettledError,
  NotPortableError,
  NotCloneableError,
  WorkerLostError,
  WorkerStartError,
  ResourceError,
  ShutdownError,
  RecursiveImportError,
  OptionError,
  WireError,
  InputError,
  OutputError,
  NotCallableError,
  AlreadyStartedError,
  NotHeldError,
  SelfWaitError,
  BrokenBarrierError,
  QueueClosedError,
  AbandonedError,
  WouldBlockError,
  TooLargeError,
  AuthenticationError,
  ConnectionClosedError,
  NoMethodError,
  InternalError,
];
