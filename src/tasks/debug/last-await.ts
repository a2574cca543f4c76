import { createHook } from 'node:async_hooks';
import { bare, currentRunning } from '../../core/index.js';
import { debug, userFrames } from '../debug.js';

/** A stack that is only written out when somebody reads it. */
interface Place {
  stack?: string;
}

/** How many are kept of each scope: the newest are often those of a library that makes promises of its own. */
const KEPT = 6;
const places = new WeakMap<object, Place[]>();

/** Notes that this scope has just begun to wait, or made a promise, on this line. */
export function notePlace(scope: object): void {
  const place: Place = bare({});
  Error.captureStackTrace(place, notePlace);
  const kept = places.get(scope);
  if (kept === undefined) places.set(scope, [place]);
  else {
    if (kept.length === KEPT) kept.shift();
    kept.push(place);
  }
}

// Every `await` makes a promise that only these hooks see, on the line where it stands and as the last thing before the function pauses.
if (debug.on) {
  createHook(
    bare({
      init(_id, type) {
        if (type !== 'PROMISE') return;
        const running = currentRunning();
        if (running !== undefined) notePlace(running);
      },
    }),
  ).enable();
}

/**
 * In debug mode: the user's frames of the line on which this scope has begun to wait most recently. Functions that await one another have begun to wait from the
 * innermost to the outermost: of these it is the innermost.
 */
export function lastAwait(scope: object): string | undefined {
  let found: string[] | undefined;
  for (const { stack = '' } of [...(places.get(scope) ?? [])].reverse()) {
    const frames = userFrames(stack);
    if (frames.length === 0) continue;
    if (found === undefined) found = frames;
    else if (isMade(stack) || frames.length <= found.length || frames.slice(-found.length).join() !== found.join()) break;
    else found = frames;
  }
  return found?.join('\n');
}

/** Whether a promise was made there by hand, and is not that of an `await`. */
const isMade = (stack: string): boolean => /^ +at (new Promise|(Function|Promise)\.\w+) \(<anonymous>\)$/m.test(stack);
