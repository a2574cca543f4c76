import { bare, environment, limit, list, milliseconds, type OptionTable, readOptions, signal, text } from '../core/index.js';
import type { AnyFunction, CallOptions, Origin } from '../futures/index.js';
import type { Shot } from './one-shot.js';
import { START_TIMEOUT } from './pool-options.js';

/** What a thread or a process for one call can be given. Sizes are bytes, times ms. */
export interface OneShotOptions {
  /** In messages, in the trace and for the one that runs in it. Default: `Thread-1 (resize)`, counted, with the function's name. */
  name?: string;
  /** The most its JavaScript heap may hold, in bytes. Needing more ends it, with a WorkerLostError. */
  memoryLimit?: number;
  /** Its environment. Default: a copy of this process's. */
  env?: Record<string, string | undefined>;
  /** Cancels the call when it aborts. */
  signal?: AbortSignal;
  /** The most the call may take, in ms, from when it begins over there; then its signal aborts and it fails with a TimeoutError. */
  timeout?: number;
  /**
   * How long it may take, in ms, until the call begins: its start and the import of the function's
   * module. If it takes longer it is ended, and the call fails with a WorkerStartError. Default
   * 30,000; Infinity: without end.
   */
  startTimeout?: number;
  /** The most until it has ended, in ms, its start included. */
  deadline?: number;
  /** How long a call that was cancelled or timed out may take to let go, in ms, before its thread or process is ended. Default 1,000. */
  grace?: number;
  /** What is moved instead of copied: ArrayBuffers, MessagePorts. Copied where the transport cannot move. */
  transfer?: readonly unknown[];
}

export const oneShotTable: OptionTable = {
  name: text,
  memoryLimit: limit,
  env: environment,
  signal,
  timeout: milliseconds,
  startTimeout: milliseconds,
  deadline: milliseconds,
  grace: milliseconds,
  transfer: list,
};

/** Checks the options of a view on top of those it is made from. @throws {OptionError} */
export function readOneShot<T extends OneShotOptions>(where: string, base: T, options: T, table: OptionTable): T {
  return Object.freeze(bare(base, readOptions(where, options, { ...oneShotTable, ...table })));
}

/** How many each room has started, for their names. */
const made = new Map<string, number>();

/** One call and what it is started with. */
export function shotOf(room: string, fn: AnyFunction, args: unknown[], options: OneShotOptions, origin: Origin): Shot {
  const { name, grace = 1000, startTimeout = START_TIMEOUT, signal, timeout, deadline, transfer } = options;
  const callOptions: CallOptions = bare({ signal, timeout, deadline, transfer });
  const number = (made.get(room) ?? 0) + 1;
  made.set(room, number);
  return {
    fn,
    args,
    name: name ?? `${room}-${number} (${fn?.name || 'anonymous function'})`,
    grace,
    startTimeout,
    options: callOptions,
    origin,
  };
}
