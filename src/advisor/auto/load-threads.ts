import { outside } from '../../core/index.js';

type Threads = typeof import('../../threads/index.js');

let threads: Threads | undefined;
let loading: Promise<Threads> | undefined;

/** The room of threads, if it has been loaded: work that never leaves this thread does not pay for it. */
export const loadedThreads = (): Threads | undefined => threads;

/**
 * Loads it.
 *
 * Cancelling: not possible.
 */
export function loadThreads(): Promise<Threads> {
  loading ??= outside(() =>
    import('../../threads/index.js').then((door) => {
      threads = door;
      return door;
    }),
  );
  return loading;
}
