import type { Origin } from './map-host.js';

/** A captured stack costs 2 µs, more than all the rest of a tiny call: in a burst only the first few pay it. */
const EXACT = 4;

let captured = 0;
let burst: Origin | undefined;

function endBurst(): void {
  captured = 0;
  burst = undefined;
}

/** Where the caller of `below` submits a call. In a burst within one turn, the later calls share the stack of an earlier one, which says so. */
export function originAbove(below: (...args: never[]) => unknown): Origin {
  if (burst !== undefined) return burst;
  const here: { stack?: string } = {};
  Error.captureStackTrace(here, below);
  if (captured++ === 0) queueMicrotask(endBurst);
  if (captured === EXACT) burst = { get stack() { return here.stack?.replace(/^.*/, '(one of a burst of calls, another of which was submitted here)'); } };
  return here;
}

/** The far stack above the near one, as an error that crossed should show it. */
export function joinStacks(error: unknown, origin: Origin): void {
  if (!(error instanceof Error) || typeof error.stack !== 'string' || typeof origin.stack !== 'string') return;
  const [head, ...frames] = origin.stack.split('\n');
  const title = head.startsWith('(') ? head : '(submitted)';
  const stack = `${error.stack}\n    --- in the worker above, in the caller below ---${title === '(submitted)' ? '' : ` ${title}`}\n${frames.join('\n')}`;
  Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
}
