import {
  AbandonedError,
  AuthenticationError,
  BrokenBarrierError,
  CancelledError,
  ConnectionClosedError,
  NoMethodError,
  NotCloneableError,
  NotHeldError,
  NotPortableError,
  QueueClosedError,
  RecursiveImportError,
  SelfWaitError,
  ShutdownError,
  TimeoutError,
  TooLargeError,
  WireError,
  WorkerLostError,
  WorkerStartError,
  WouldBlockError,
} from '../core/index.js';

/** An error as it travels. Structured clone alone drops name, code, own properties and, for an AggregateError, all its errors. */
export interface FlatError {
  class: string;
  name: string;
  message: string;
  stack: string | undefined;
  cause?: unknown;
  errors?: unknown[];
  own?: Record<string, unknown>;
}

type ErrorClass = new (...args: never[]) => Error;

/** Classes that both sides have. An error of another class arrives as the nearest one it derives from, with its own `name`. */
const classes = new Map<string, ErrorClass>(
  [
    Error,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
    AggregateError,
    AbandonedError,
    AuthenticationError,
    BrokenBarrierError,
    CancelledError,
    ConnectionClosedError,
    NoMethodError,
    NotCloneableError,
    NotHeldError,
    NotPortableError,
    QueueClosedError,
    RecursiveImportError,
    SelfWaitError,
    ShutdownError,
    TimeoutError,
    TooLargeError,
    WireError,
    WorkerLostError,
    WorkerStartError,
    WouldBlockError,
  ].map((c) => [c.name, c as unknown as ErrorClass]),
);

const standard = new Set(['stack', 'message', 'name', 'cause', 'errors']);

function classOf(error: Error): string {
  if (error instanceof DOMException) return 'DOMException';
  for (let proto = Object.getPrototypeOf(error); proto; proto = Object.getPrototypeOf(proto)) {
    const name: unknown = proto.constructor?.name;
    if (typeof name === 'string' && (classes.get(name) as unknown) === proto.constructor) return name;
  }
  return 'Error';
}

/**
 * @param value Encodes a value inside the error; what cannot travel must come back as something that can.
 */
export function flattenError(error: Error, value: (v: unknown) => unknown): FlatError {
  const flat: FlatError = {
    class: classOf(error),
    name: String(error.name),
    message: String(error.message),
    stack: typeof error.stack === 'string' ? error.stack : undefined,
  };
  if (Object.hasOwn(error, 'cause')) flat.cause = value(error.cause);
  if (error instanceof AggregateError || Array.isArray((error as { errors?: unknown }).errors)) {
    flat.errors = (error as AggregateError).errors.map(value);
  }
  for (const key of Object.keys(error)) {
    if (standard.has(key) || key === '__proto__') continue;
    flat.own ??= {};
    flat.own[key] = value((error as unknown as Record<string, unknown>)[key]);
  }
  return flat;
}

/**
 * @param value Decodes a value inside the error.
 * @param made Is given the error before what is inside it is decoded: that may lead back to it.
 */
export function unflattenError(flat: FlatError, value: (v: unknown) => unknown, made: (error: Error) => void): Error {
  if (flat.class === 'DOMException') {
    const error = new DOMException(flat.message, flat.name);
    define(error, 'stack', flat.stack);
    made(error);
    return error;
  }
  const Class = classes.get(flat.class) ?? Error;
  // Not through the constructor: each class wants other arguments, and a stack would be captured for nothing.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new Error(flat.message);
  Error.stackTraceLimit = limit;
  Object.setPrototypeOf(error, Class.prototype);
  if (error.name !== flat.name) define(error, 'name', flat.name);
  define(error, 'stack', flat.stack ?? `${flat.name}: ${flat.message}`);
  made(error);
  if ('cause' in flat) define(error, 'cause', value(flat.cause));
  if (flat.errors) define(error, 'errors', flat.errors.map(value));
  for (const [key, v] of Object.entries(flat.own ?? {})) {
    Object.defineProperty(error, key, { value: value(v), configurable: true, writable: true, enumerable: true });
  }
  return error;
}

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: false });
}
