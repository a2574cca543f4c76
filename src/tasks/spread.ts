import type { KeptController } from '../core/index.js';
import type { Scope } from './scope.js';

/**
 * Marks a scope and everything below it as cancelled, but for shields, and cuts off what is parked there: parents first, then children in the order in which they
 * were made. Without recursion, since scopes nest as deep as they like. A scope that was cancelled before gets the new error too: the outermost names it.
 */
export function spread(top: Scope, error: Error): void {
  const aborts: KeptController[] = [];
  let at: Scope = top;
  for (;;) {
    const controller = at.mark(error);
    if (controller !== undefined) aborts.push(controller);
    let next: Scope | undefined = firstOpen(at.first);
    while (next === undefined && at !== top) {
      next = firstOpen(at.right);
      at = at.outer as Scope;
    }
    if (next === undefined) break;
    at = next;
  }
  // Last, when the tree is in order: listeners are other people's code and run at once.
  for (const controller of aborts) controller.abort(error);
}

function firstOpen(scope: Scope | undefined): Scope | undefined {
  let at = scope;
  while (at?.shield) at = at.right;
  return at;
}
