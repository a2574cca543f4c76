import { clock } from '../../core/index.js';
import type { Scope } from '../scope.js';
import { bodyState, dueScopes, taskAround, titleWithin } from '../scope-state.js';
import { openBodies } from '../tree.js';
import { lastAwait } from './last-await.js';
import { warn } from './warn.js';

/** How long after a cancellation everybody should have noticed it, in ms. */
const PATIENCE = 1000;
const told = new WeakSet<Scope>();

/** A scope was cancelled: looks some time later who inside of it has not reacted, because it awaits a promise that does not know of the cancellation. */
export function watchCancelled(top: Scope): void {
  clock.after(PATIENCE, () => look(top), true);
}

function look(top: Scope): void {
  if (top.settled) return;
  const due = dueScopes();
  for (const scope of openBodies(top)) {
    if (!scope.cancelled || scope.state === 'pending' || bodyState(scope, due) !== 'parked' || told.has(scope)) continue;
    told.add(scope);
    warn(
      'StillParked',
      'MEANTIME_STILL_PARKED',
      `${titleWithin(scope)} was cancelled ${PATIENCE} ms ago or more, still parked on a foreign await: what it waits for knows nothing of the cancellation. Wrap the promise in cancellable(), or hand currentSignal() to what makes it`,
      [
        ['parked at', lastAwait(scope)],
        ['where it was spawned', taskAround(scope)?.spawnedAt],
      ],
    );
  }
}
