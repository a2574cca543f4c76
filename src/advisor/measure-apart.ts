import { NotCloneableError, NotPortableError, TimeoutError, WorkerLostError } from '../core/index.js';
import { LoneProcess } from '../processes/index.js';
import { portable } from '../wire/index.js';
import type { Answer, Measurement, Order } from './probe/measurement.js';
import type { Travelling } from './travelling.js';

/** Relative to any folder of the package that is one deep: source and bundle alike. */
const entry = new URL('../advisor/probe/measure.entry.js', import.meta.url).href;

/** What stands for the far side's function, which is never called here. */
const measure = portable(entry, 'measure', (_order: Order, _inputs: readonly unknown[]): Answer | Promise<Answer> => {
  throw new NotPortableError('measure runs in a process of its own');
});

/** The part of the time for which it may measure. The rest is for the start of the process, and for the call that is under way. */
const MEASURING = 0.7;

/** What came of measuring in a process of its own. */
export type Apart =
  | { readonly measured: Measurement }
  /** The function or an input cannot get there. */
  | { readonly stays: string }
  | { readonly unloadable: string }
  /** It did not come back in time. */
  | { readonly never: true }
  /** The process is gone. */
  | { readonly ended: WorkerLostError };

/** How much time it has, in ms, and what stops it. */
export interface ApartOptions {
  readonly timeout: number;
  readonly budget: number;
  readonly signal: AbortSignal;
}

/**
 * Measures a function in a process in which nothing else runs. Its process is gone when this ends.
 *
 * Cancelling: by `signal`; the process is ended.
 *
 * @throws {CancelledError} if `signal` aborts.
 */
export async function measureApart(fn: Travelling, inputs: readonly unknown[], options: ApartOptions): Promise<Apart> {
  const { timeout, budget, signal } = options;
  const ref = await fn.ref;
  if (ref instanceof NotPortableError) return { stays: ref.message };
  // What the function prints, some hundred times, is nobody's.
  const start = LoneProcess.with({
    deadline: timeout,
    grace: 0,
    signal,
    stdout: 'ignore',
    stderr: 'ignore',
    name: `the probe of ${fn.name}`,
  });
  const probe = start.start(measure, { ref, budget, until: timeout * MEASURING }, inputs);
  try {
    return await probe;
  } catch (error) {
    if (error instanceof NotCloneableError) return { stays: error.message };
    if (error instanceof WorkerLostError) return { ended: error };
    if (error instanceof TimeoutError && !signal.aborted) return { never: true };
    throw error;
  } finally {
    await probe.join();
  }
}
