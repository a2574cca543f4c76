import { type Item, Malformed, type Reader } from './item.js';
import { Source } from './source.js';

/** Reads whatever can be iterated, one at a time: nothing is taken before it is wanted. */
export function readerOf<I>(inputs: Iterable<I> | AsyncIterable<I>): Reader<I> {
  if (inputs instanceof Source) return strict(inputs.open());
  if (Array.isArray(inputs)) return arrayReader(inputs);
  if (inputs !== null && typeof inputs === 'object' && Symbol.asyncIterator in inputs) {
    const source = inputs[Symbol.asyncIterator]();
    let reading = false;
    return {
      async read() {
        reading = true;
        const step = await source.next();
        reading = false;
        return step.done ? [] : [step.value];
      },
      async close() {
        const closed = source.return?.();
        // A generator that is parked in its own `await` takes its return only after it: not worth waiting for.
        if (reading) closed?.then(undefined, () => undefined);
        else await closed;
      },
    };
  }
  if (typeof inputs !== 'string' && (typeof inputs !== 'object' || inputs === null || !(Symbol.iterator in inputs))) {
    throw new TypeError(`map expects inputs that can be iterated, got ${String(inputs)}`);
  }
  const source = (inputs as Iterable<I>)[Symbol.iterator]();
  return {
    read() {
      const step = source.next();
      return step.done ? [] : [step.value];
    },
    close() {
      source.return?.();
    },
  };
}

/** How much of an array is cut off at once. */
const CUT = 1024;

/** An array is cut, which costs a tenth of asking its iterator for each input; and it is known how long it is. */
function arrayReader<I>(inputs: readonly I[]): Reader<I> {
  let at = 0;
  return {
    count: inputs.length,
    read() {
      const batch = inputs.slice(at, at + CUT);
      at += batch.length;
      return batch;
    },
    close: () => undefined,
  };
}

/** Without a file to record it in, a malformed line ends the run. */
function strict<I>(reader: Reader<I>): Reader<I> {
  let failed: Malformed | undefined;
  const check = (batch: readonly Item<I>[]) => {
    const at = batch.findIndex((item) => item instanceof Malformed);
    if (at < 0) return batch;
    failed = batch[at] as Malformed;
    if (at === 0) throw failed.error;
    return batch.slice(0, at);
  };
  return {
    read() {
      if (failed) throw failed.error;
      const batch = reader.read();
      return Array.isArray(batch) ? check(batch) : (batch as Promise<readonly Item<I>[]>).then(check);
    },
    close: () => reader.close(),
  };
}
