import { bare } from './bare.js';
/**
 * Runs `make` with at most so many frames captured for each error; with as many as ever where
 * `Error` may not be changed, as in a program with hardened built-ins.
 */
export function withStackLimit<T>(frames: number, make: () => T): T {
  const limit = Error.stackTraceLimit;
  if (!set('stackTraceLimit', frames)) return make();
  try {
    return make();
  } finally {
    set('stackTraceLimit', limit);
  }
}

/**
 * The files whose code is on the stack, nearest first, at most so many frames deep; `undefined`
 * where that cannot be asked.
 *
 * @param below Frames above this function are left out.
 */
export function filesAbove(below: (...args: never[]) => unknown, frames: number): readonly unknown[] | undefined {
  const { prepareStackTrace } = Error;
  if (!set('prepareStackTrace', (_: Error, sites: NodeJS.CallSite[]) => sites.map((site) => site.getFileName()))) return undefined;
  const holder: { stack?: unknown } = bare({});
  try {
    withStackLimit(frames, () => Error.captureStackTrace(holder, below));
    // Another runtime may ignore prepareStackTrace and give a string.
    return Array.isArray(holder.stack) ? holder.stack : undefined;
  } finally {
    set('prepareStackTrace', prepareStackTrace);
  }
}

/** @returns Whether it could be set: an assignment would throw. */
function set(name: 'stackTraceLimit' | 'prepareStackTrace', value: unknown): boolean {
  return !Object.isFrozen(Error) && Reflect.set(Error, name, value);
}
