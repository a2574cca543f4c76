// Only types: what runs is loaded below.
import type * as Tasks from 'meantime/tasks';

/** What of the library a program is run with. */
export type Runtime = Pick<
  typeof Tasks,
  | 'Barrier'
  | 'Condition'
  | 'Event'
  | 'LifoQueue'
  | 'Lock'
  | 'Queue'
  | 'Semaphore'
  | 'checkpoint'
  | 'failuresOf'
  | 'gather'
  | 'now'
  | 'run'
  | 'sleep'
  | 'withShield'
  | 'withTaskGroup'
  | 'withTimeout'
> & { CancelledError: abstract new () => Error; TimeoutError: abstract new () => Error };

interface Core {
  CancelledError: Runtime['CancelledError'];
  TimeoutError: Runtime['TimeoutError'];
  VirtualClock: new () => object;
  useClock(clock: object): () => void;
}

/**
 * The library on a virtual clock. The clock is a seam that has no public door, so this loads the modules of `build/src` and not the package by its name: they have one copy
 * of the clock between them.
 *
 * @returns It, and a function that brings the real clock back.
 */
export async function virtualRuntime(): Promise<{ runtime: Runtime; restore: () => void }> {
  const built = (path: string): Promise<unknown> => import(new URL(`../../src/${path}`, import.meta.url).href);
  const { CancelledError, TimeoutError, VirtualClock, useClock } = (await built('core/index.js')) as Core;
  const tasks = (await built('tasks/index.js')) as typeof Tasks;
  const restore = useClock(new VirtualClock());
  return { runtime: { ...tasks, CancelledError, TimeoutError }, restore };
}
