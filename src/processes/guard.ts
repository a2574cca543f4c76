import { clock } from '../core/index.js';
import { DEATH_SIGNAL } from './death-signal.js';
import { keepsDeathSignal } from './keeps-death-signal.js';
import { watchParent } from './watch-parent.js';

/** The longest that the watching is left to the kernel, in ms, by an event loop that turns. */
const LATEST = 200;

/**
 * Sees to it that this process ends with its parent, from now on. Where the kernel does so at first, the thread that does it later need not start before the first result. The
 * kernel knows only how to kill: with the thread, a process whose event loop turns learns of the end by its socket, and its `exit` handlers run.
 *
 * @param fd See `watchParent`.
 * @param alone Leaves it to the kernel where that does so at first: the start of the thread would be a part of what is measured here.
 * @returns To be called after the first result: the thread takes over. A loop that never turns stays with the kernel.
 */
export function guard(parent: number, isArmed: boolean, fd: number, alone: boolean): () => void {
  if (process.ppid !== parent) process.exit(0); // gone already: what was to happen at its death will not
  let isHandedOver = false;
  const handOver = () => {
    if (isHandedOver) return;
    isHandedOver = true;
    watchParent(parent, fd);
    if (isArmed) process.on(DEATH_SIGNAL, () => undefined);
  };
  if (!isArmed || !keepsDeathSignal()) handOver();
  else if (!alone) clock.after(LATEST, handOver, true);
  return handOver;
}
