import { clock, type Timer } from '../core/index.js';
import { formatTasks } from './format-tasks.js';

/** One `run` that wants to know. */
export interface DeadlockWatch {
  end(): void;
}

/** As long as a timer can be. */
const HOLD = 2 ** 31 - 1;
const watching = new Set<(tree: string) => void>();
let holding: Timer | undefined;

/**
 * Calls `starve(tree)` when the event loop has run empty: no timer, no IO, nothing that could wake a task. Then Node would end the process without a word. A listener
 * for a signal of the operating system holds no loop but can wake a task: where there is one, the loop is held instead.
 */
export function watchForDeadlock(starve: (tree: string) => void): DeadlockWatch {
  if (watching.size === 0) process.on('beforeExit', empty);
  watching.add(starve);
  return {
    end() {
      watching.delete(starve);
      if (watching.size > 0) return;
      process.off('beforeExit', empty);
      holding?.cancel();
      holding = undefined;
    },
  };
}

function empty(): void {
  const listened =
    process.eventNames().some((name) => typeof name === 'string' && /^SIG(?!INT$)/.test(name)) ||
    process.listenerCount('SIGINT') > watching.size;
  if (listened) {
    holding ??= clock.after(HOLD, () => {
      holding = undefined;
    });
    return;
  }
  const tree = formatTasks();
  clock.soon(() => undefined); // one more turn, and then this is asked again if that was of no use
  for (const starve of [...watching]) starve(tree);
}
