import { clock, propertyOf } from '../core/index.js';
import { FutureCell } from '../futures/index.js';
import { heldText } from './debug/held-locks.js';
import { debug } from './debug.js';
import type { Scope } from './scope.js';
import { ownScopes } from './scope-state.js';
import type { Wait } from './wait.js';

/** The kinds of waiting that listeners of the probe tell apart. */
export type WaitReason = 'timer' | 'lock' | 'queue' | 'io' | 'call' | 'task' | 'block' | 'turn';

/** What is waited for in a word. Words that are not here are those of locks. */
const reasons = new Map<string, WaitReason>([
  ['sleep', 'timer'],
  ['rate limit', 'timer'],
  ['promise', 'io'],
  ['turn', 'turn'],
]);

/** What a wait is for, in words. */
export function whatFor(wait: Wait<unknown>): string {
  const { on } = wait;
  if (typeof on === 'string') return on === 'promise' ? 'a promise' : `${on}${debug.on ? heldText(wait) : ''}`;
  if (isScope(on)) return on.title;
  return on instanceof FutureCell ? 'a call' : on.constructor.name;
}

/** The same in one word. */
export function reasonOf({ on }: Wait<unknown>): WaitReason {
  if (on instanceof FutureCell) return isScope(on) ? (on.isBlock ? 'block' : 'task') : 'call';
  const word = typeof on === 'string' ? on : on.constructor.name;
  return reasons.get(word) ?? (/queue/i.test(word) ? 'queue' : 'lock');
}

/** How long it has been waiting, and how much longer if that is known. */
export function howLong(wait: Wait<unknown>): string {
  const { at, since } = wait as Wait<unknown> & { at?: number };
  const now = clock.now();
  const past = `for ${milliseconds(now - since)}`;
  return at === undefined ? past : `${past}, ${milliseconds(at - now)} to go`;
}

/** All that a task waits for, and since when. */
export function waitsOf(task: Scope): { for: string | undefined; since: number | undefined } {
  const names: string[] = [];
  let since: number | undefined;
  let closing: Scope | undefined;
  for (const scope of ownScopes(task)) {
    if (scope.closing) closing = scope;
    for (const wait of scope.waits()) {
      names.push(whatFor(wait));
      since = Math.min(since ?? wait.since, wait.since);
    }
  }
  if (names.length === 0 && closing !== undefined) names.push(closing === task ? 'what is inside' : closing.title);
  return { for: names.length === 0 ? undefined : names.join(', '), since };
}

const isScope = (on: object): on is Scope => on instanceof FutureCell && propertyOf(on, 'title') !== undefined;
const milliseconds = (ms: number): string => `${Math.max(0, Math.round(ms))} ms`;
