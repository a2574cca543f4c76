import { clock, flag, milliseconds, onAbort, readOptions, signal } from '../../core/index.js';
import { cancellation, cancelWithCaller, type Future, FutureSource, refused } from '../../futures/index.js';
import { plain } from './atomics.js';
import { type BlockLimits, mayBlock, timedOut, type WaitLimits } from './waiting.js';

/** How a wait on a value ended: by a `notify`, or at once because the value was another one. */
export type ValueWaited = 'ok' | 'not-equal';

type Waitable = Int32Array<SharedArrayBuffer> | BigInt64Array<SharedArrayBuffer>;

const asyncTable = { timeout: milliseconds, signal };
const blockTable = { timeout: milliseconds, blockMain: flag };

/** The engine keeps a wait that nobody wants any more until it is notified or its time is over: after this many ms at most. */
const SLICE = 10_000;

/** Blocks this thread until the value is notified, or is another one than expected. */
export function waitSync(who: string, array: Waitable, at: number, expected: number | bigint, options?: BlockLimits): ValueWaited {
  const { timeout = Number.POSITIVE_INFINITY } = readOptions(who, options, blockTable);
  mayBlock(who, options);
  const woken = plain.wait(array as Int32Array, at, expected as number, timeout);
  if (woken === 'timed-out') throw timedOut(who, timeout);
  return woken;
}

/** The same without blocking: a Future, during which the event loop is held. */
export function waitLater(who: string, array: Waitable, at: number, expected: number | bigint, options?: WaitLimits): Future<ValueWaited> {
  const { timeout = Number.POSITIVE_INFINITY, signal } = readOptions(who, options, asyncTable);
  if (signal?.aborted) return refused(cancellation(signal.reason));
  const source = new FutureSource<ValueWaited>();
  const notified = (woken: string): void => {
    if (woken === 'timed-out') return void begin();
    const { settled } = source.future;
    end();
    // Whoever gave up first has eaten a wake-up that was meant for somebody who still waits.
    if (!source.fulfil('ok') && settled) plain.notify(array as Int32Array, at, 1);
  };
  const begin = (): void => {
    if (source.future.settled) return;
    const { async, value } = plain.waitAsync(array as Int32Array, at, expected as number, SLICE);
    if (async) void value.then(notified);
    else if (value === 'not-equal') {
      end();
      source.fulfil(value);
    } else begin();
  };
  // Holds the event loop too: what the engine waits for does not.
  const timer = clock.after(timeout, () => {
    end();
    source.reject(timedOut(who, timeout));
  });
  let forget: (() => void) | undefined;
  const end = (): void => {
    timer.cancel();
    forget?.();
  };
  const cancel = (reason: unknown): void => {
    end();
    source.reject(cancellation(reason));
  };
  source.onCancel(cancel);
  if (signal !== undefined) forget = onAbort(signal, () => source.future.cancel(signal.reason));
  try {
    begin();
  } catch (error) {
    end(); // not a value of this kind
    throw error;
  }
  return cancelWithCaller(source.future);
}
