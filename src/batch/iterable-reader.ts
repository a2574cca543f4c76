import { bare, keepContext } from '../core/index.js';
import { awaitedReader } from './awaited-reader.js';
import { type Item, Malformed, type Reader, RejectedInput } from './item.js';
import { Source } from './source.js';

/**
 * Reads whatever can be iterated, one at a time: nothing is taken before it is wanted, and all of
 * it in the async context of this call.
 */
export function readerOf<I>(inputs: Iterable<I> | AsyncIterable<I>): Reader<I> {
  if (inputs instanceof Source) return strict(inputs.open());
  return awaitedReader(Array.isArray(inputs) ? arrayReader(inputs) : iteratorReader(inputs));
}

function iteratorReader<I>(inputs: Iterable<I> | AsyncIterable<I>): Reader<I> {
  const within = keepContext();
  if (typeof inputs === 'object' && Symbol.asyncIterator in inputs) {
    const source = inputs[Symbol.asyncIterator]();
    let reading = false;
    return bare({
      async read() {
        reading = true;
        const step = await within(() => source.next());
        reading = false;
        return step.done ? [] : [step.value];
      },
      async close() {
        const closed = within(() => source.return?.());
        // A generator that is parked in its own `await` takes its return only after it: not worth waiting for.
        if (reading) closed?.then(undefined, () => undefined);
        else await closed;
      },
    });
  }
  const source = (inputs as Iterable<I>)[Symbol.iterator]();
  return bare({
    read() {
      const step = within(() => source.next());
      return step.done ? [] : [step.value];
    },
    close() {
      within(() => source.return?.());
    },
  });
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
    const at = batch.findIndex((item) => item instanceof Malformed && !(item instanceof RejectedInput));
    if (at < 0) return batch;
    failed = batch[at] as Malformed;
    if (at === 0) throw failed.error;
    return batch.slice(0, at);
  };
  return bare({
    read() {
      if (failed) throw failed.error;
      const batch = reader.read();
      return Array.isArray(batch) ? check(batch) : (batch as Promise<readonly Item<I>[]>).then(check);
    },
    close: () => reader.close(),
  });
}
