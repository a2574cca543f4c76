import type { Scope } from './scope.js';

/**
 * Whether an error is this cancellation: the error itself, or what a library that took the signal made of it: an AbortError that names it as its cause
 * (Node's own modules), or an AbortError that names no cause at all.
 */
export function isCancellation(error: unknown, by: Error): boolean {
  if (error === by) return true;
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every((each) => isCancellation(each, by));
  if (error.name !== 'AbortError' || Object.hasOwn(error, 'reason')) return false;
  return error.cause === undefined || error.cause === by;
}

/** Whether an error is a cancellation of this scope or of one around it: it is on its way out, and no failure. */
export function isPassing(error: unknown, scope: Scope): boolean {
  if (scope.error === undefined) return false;
  if (isCancellation(error, scope.error)) return true;
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    if (at.own !== undefined && isCancellation(error, at.own)) return true;
  }
  return false;
}
