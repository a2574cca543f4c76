import { clock, type Timer } from '../core/index.js';
import { warn } from './debug/warn.js';
import { debug } from './debug.js';
import { drawTasks } from './format-tasks.js';

/** One `run` that wants to know. */
export interface DeadlockWatch {
  end(): void;
}

/** As long as a timer can be. */
const HOLD = 2 ** 31 - 1;
/** More tasks than this (and one would do) say nothing more in an error's message. */
const LINES = 200;

/** The listeners that `run` itself has set: they wake nobody but to cancel. */
export const ownListeners = new WeakSet<() => void>();
const isForeign = (listener: unknown): boolean => !ownListeners.has(listener as () => void);

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
  const signals = process
    .eventNames()
    .filter((name) => /^SIG/.test(String(name)) && process.listeners(name as NodeJS.Signals).some(isForeign));
  const tree = drawTasks(LINES);
  if (signals.length > 0) {
    if (debug.on && holding === undefined) {
      warn('WaitsForSignal', 'MEANTIME_WAITS_FOR_SIGNAL', `Only ${signals.join(' or ')} can wake these tasks now\n${tree}`, []);
    }
    holding ??= clock.after(HOLD, () => {
      holding = undefined;
    });
    return;
  }
  clock.soon(() => undefined); // one more turn, and then this is asked again if that was of no use
  for (const starve of [...watching]) starve(tree);
}
