import type { Scope } from './scope.js';

/** All scopes that are inside no other. */
export const roots = new Set<Scope>();

/** Everything below a scope, parents first. Without recursion: scopes nest as deep as they like. */
export function* below(top: Scope): Generator<Scope, void, undefined> {
  let at: Scope | undefined = top.first;
  while (at !== undefined) {
    yield at;
    let next: Scope | undefined = at.first;
    while (next === undefined && at !== top) {
      next = at.right;
      at = at.outer as Scope;
    }
    at = next;
  }
}

/** What holds a scope open: itself, and what is below it, as far as the bodies have not ended. */
export function* openBodies(top: Scope): Generator<Scope, void, undefined> {
  if (!top.closing) yield top;
  for (const scope of below(top)) if (!scope.closing) yield scope;
}
