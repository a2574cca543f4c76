import { shown } from '../core/index.js';
import { currentScope } from './current.js';
import { lastAwait } from './debug/last-await.js';
import { debug, userPlace } from './debug.js';
import type { Scope } from './scope.js';
import { type BodyState, bodyState, dueScopes, taskAround } from './scope-state.js';
import { roots } from './tree.js';
import { howLong, whatFor } from './waited-for.js';

/**
 * The tree of all tasks and blocks of this thread as text, a line each: what it is, what it waits for and for how long. It answers "what is my program waiting for?";
 * docs/debugging.md explains each line.
 *
 * An async function that awaits somebody else's promise is `parked on a foreign await`: nobody can tell more, but in debug mode (`MEANTIME_DEBUG=1`) the place is named.
 *
 * @example
 * ```ts run
 * import { formatTasks, run } from 'meantime/tasks';
 *
 * await run(function main() {
 *   return formatTasks().startsWith('main #');
 * }); // => true
 * ```
 */
export function formatTasks(): string {
  return drawTasks(Number.POSITIVE_INFINITY);
}

interface Branch {
  scope: Scope;
  /** What stands before its own line, and before those of what is inside it. */
  own: string;
  lead: string;
}

/** The tree, cut off after so many lines. */
export function drawTasks(most: number): string {
  const lines: string[] = [];
  let left = 0;
  const running = currentScope();
  const due = dueScopes();
  for (const root of roots) {
    // By hand and not by recursion: scopes nest as deep as they like.
    const branches: Branch[] = [{ scope: root, own: '', lead: '' }];
    for (let top = branches.pop(); top !== undefined; top = branches.pop()) {
      const { scope, own, lead } = top;
      if (lines.length < most) lines.push(shown(`${own}${scope.title}: ${describe(scope, running, due)}`));
      else left++;
      for (let at = scope.last; at !== undefined; at = at.left) {
        const isLast = at === scope.last;
        branches.push({ scope: at, own: `${lead}${isLast ? '└─ ' : '├─ '}`, lead: `${lead}${isLast ? '   ' : '│  '}` });
      }
    }
  }
  if (left > 0) lines.push(`… and ${left} more`);
  return lines.join('\n');
}

const texts: { [state in BodyState]: (scope: Scope) => string } = {
  waiting: (scope) => [...scope.waits()].map((wait) => `waits for ${whatFor(wait)} ${howLong(wait)}`).join(', and '),
  due: () => 'about to go on',
  closing: () => 'has returned, waits for what is inside',
  inside: () => 'waits for what is inside',
  parked: (scope) => `${scope.cancelled ? 'still ' : ''}parked on a foreign await${debug.on ? place(scope) : ''}`,
};

function describe(scope: Scope, running: Scope | undefined, due: ReadonlySet<unknown>): string {
  const state = bodyState(scope, due);
  const cancelled = scope.cancelled ? 'cancelled, ' : '';
  if (scope.state === 'pending') return `${cancelled}has not begun`;
  // A callback that it has left behind is not its body.
  return cancelled + (scope === running && state !== 'waiting' && state !== 'closing' ? 'running' : texts[state](scope));
}

/** ` at …, spawned at …`, as far as it is known. */
function place(scope: Scope): string {
  const [at, spawned] = [userPlace(lastAwait(scope)), userPlace(taskAround(scope)?.spawnedAt)];
  return `${at === undefined ? '' : ` at ${at}`}${spawned === undefined ? '' : `, spawned at ${spawned}`}`;
}
