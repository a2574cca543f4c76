import { isThenable } from '../futures/index.js';
import { type Item, type Reader, RejectedInput } from './item.js';

/**
 * Inputs that are promises are waited for, each in its turn. One that rejects is an input that
 * could not be read.
 */
export function awaitedReader<I>(reader: Reader<I>): Reader<I> {
  let rest: readonly Item<I>[] = [];
  const cut = (batch: readonly Item<I>[]): readonly Item<I>[] | Promise<readonly Item<I>[]> => {
    const at = batch.findIndex(isThenable);
    if (at < 0) {
      rest = [];
      return batch;
    }
    rest = batch.slice(Math.max(1, at));
    return at > 0 ? batch.slice(0, at) : settled(batch[0]);
  };
  return {
    count: reader.count,
    read() {
      if (rest.length > 0) return cut(rest);
      const batch = reader.read();
      return Array.isArray(batch) ? cut(batch) : (batch as Promise<readonly Item<I>[]>).then(cut);
    },
    close() {
      rest = [];
      return reader.close();
    },
  };
}

async function settled<I>(promised: Item<I>): Promise<readonly Item<I>[]> {
  try {
    return [await promised];
  } catch (error) {
    return [new RejectedInput(error, promised)];
  }
}
