import { clock } from '../core/index.js';
import { Scope } from './scope.js';
import { roots } from './tree.js';

/**
 * The tree of all tasks and blocks of this thread as text: what each is, what it waits for and since when.
 *
 * @example
 * ```ts run
 * import { formatTasks, run } from 'meantime/tasks';
 *
 * await run(function main() {
 *   return formatTasks();
 * }); // => 'main #1: running'
 * ```
 */
export function formatTasks(): string {
  const lines: string[] = [];
  for (const root of roots) draw(root, lines);
  return lines.join('\n');
}

function draw(root: Scope, lines: string[]): void {
  // By hand and not by recursion: scopes nest as deep as they like.
  const stack: { scope: Scope; lead: string; own: string }[] = [{ scope: root, lead: '', own: '' }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { scope, lead, own } = top;
    lines.push(`${own}${scope.title}: ${describe(scope)}`);
    const inner: { scope: Scope; lead: string; own: string }[] = [];
    for (let at = scope.first; at !== undefined; at = at.right) {
      const isLast = at.right === undefined;
      inner.push({ scope: at, own: `${lead}${isLast ? '└─ ' : '├─ '}`, lead: `${lead}${isLast ? '   ' : '│  '}` });
    }
    while (inner.length > 0) stack.push(inner.pop() as (typeof inner)[number]);
  }
}

function describe(scope: Scope): string {
  const parts: string[] = [];
  if (scope.cancelled) parts.push('cancelled');
  for (let wait = scope.parked; wait !== undefined; wait = wait.scopeNext) {
    parts.push(`waits for ${name(wait.on)} since ${Math.max(0, Math.round(clock.now() - wait.since))} ms`);
  }
  if (scope.parked === undefined) {
    if (scope.closing) parts.push('waits for what is inside');
    else if (scope.state === 'pending') parts.push('not begun');
    else if (scope.first === undefined)
      parts.push(scope.cancelled ? 'still parked on a foreign await' : 'running, or parked on a foreign await');
  }
  return parts.join(', ') || 'waits for what is inside';
}

function name(on: string | object): string {
  if (typeof on === 'string') return on;
  return on instanceof Scope ? on.title : `a ${on.constructor.name}`;
}
