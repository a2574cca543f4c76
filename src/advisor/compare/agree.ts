import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from './plain-loop.js';

/**
 * For how many inputs two passes gave different answers. Calls that failed, and answers that cannot travel, are not compared.
 */
export function differing(expected: readonly Outcome[], outcomes: readonly Outcome[]): number {
  let count = 0;
  outcomes.forEach((outcome, at) => {
    const other = expected[at];
    if (other === undefined || !isAnswer(other) || !isAnswer(outcome)) return;
    if (!sameAnswer(other.value, outcome.value)) count++;
  });
  return count;
}

const isAnswer = (outcome: Outcome): boolean => outcome.failed === undefined && !outcome.stays;

/** What has not travelled may have a class that what has travelled has lost: then both are compared as they arrive. */
function sameAnswer(a: unknown, b: unknown): boolean {
  if (isDeepStrictEqual(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  try {
    return isDeepStrictEqual(structuredClone(a), structuredClone(b));
  } catch {
    return false; // one of them cannot travel and the other has
  }
}
