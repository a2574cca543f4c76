import { clock } from '../../core/index.js';
import { type FutureCell, type MapHost, watchFuture } from '../../futures/index.js';
import type { Send } from './split-chunk.js';

/**
 * Sends a piece of one input as a call of its own.
 *
 * @param took About how long a call takes, in ms: what waits in a queue takes longer than its own time.
 */
export function oneByOne(host: () => MapHost, took: () => number): Send {
  return (fn, inputs, options, origin, _stop, sink) => {
    const began = clock.now();
    const future = host().call(fn, [...inputs], options, origin);
    watchFuture(future, () => {
      const { state, outcome } = future as FutureCell<unknown>;
      if (state === 'fulfilled') sink.values(0, [outcome]);
      else sink.failed(0, outcome);
      sink.ended(Math.min(clock.now() - began, took()));
    });
    return (reason) => future.cancel(reason);
  };
}
