import { InputError, onAbort } from '../../core/index.js';
import { mindPromises } from '../../futures/index.js';

/** What was taken of some inputs. */
export interface Taken {
  readonly inputs: readonly unknown[];
  /** Whether there were more. */
  readonly more: boolean;
}

/**
 * Takes inputs into an array, at most so many: those of a comparison run again and again, so they must be at hand, also if they are endless.
 *
 * Cancelling: when `signal` aborts, what has been taken is given, and the inputs are closed without waiting for them.
 *
 * @throws {InputError} if there is none, or they cannot be iterated.
 */
export async function takeInputs(inputs: Iterable<unknown> | AsyncIterable<unknown>, most: number, signal: AbortSignal): Promise<Taken> {
  mindPromises(inputs);
  const taken: unknown[] = [];
  const iterator = iteratorOf(inputs);
  let more = false;
  for (;;) {
    const step = await orAborted(iterator.next(), signal);
    if (step === 'aborted' || step.done) {
      if (step === 'aborted') close(iterator);
      break;
    }
    if (taken.length === most) {
      more = true;
      close(iterator);
      break;
    }
    const input = await orAborted(step.value, signal);
    if (input === 'aborted' && signal.aborted) {
      close(iterator);
      break;
    }
    taken.push(input);
  }
  if (taken.length === 0 && !signal.aborted) throw new InputError('compare expects inputs to run the function on, got none');
  return { inputs: taken, more };
}

function iteratorOf(inputs: unknown): Iterator<unknown> | AsyncIterator<unknown> {
  const given = inputs as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
  const iterator = given?.[Symbol.asyncIterator]?.() ?? given?.[Symbol.iterator]?.();
  if (iterator === undefined) throw new InputError(`compare expects inputs that can be iterated, got ${String(inputs)}`);
  return iterator;
}

/** What an iterator throws while it is closed is about inputs that nobody wants any more. */
function close(iterator: Iterator<unknown> | AsyncIterator<unknown>): void {
  Promise.resolve()
    .then(() => iterator.return?.())
    .catch(() => undefined);
}

function orAborted<T>(value: T | PromiseLike<T>, signal: AbortSignal): Promise<T | 'aborted'> {
  if (signal.aborted) return Promise.resolve('aborted');
  return new Promise((resolve, reject) => {
    const release = onAbort(signal, () => resolve('aborted'));
    Promise.resolve(value).then(resolve, reject).then(release);
  });
}
