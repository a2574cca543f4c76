import { isCoroutine } from '../../core/index.js';
import { NotCallableError } from '../errors.js';

/**
 * The functions to combine, in an array of their own. All are looked at before any of them starts.
 *
 * @throws {NotCallableError} that names the first which is none, and says what to write.
 */
export function functions(who: string, fns: unknown): (() => unknown)[] {
  if (typeof (fns as Iterable<unknown> | null | undefined)?.[Symbol.iterator] !== 'function') {
    const got = typeof fns === 'function' ? 'a function. Put it into a list' : describe(fns);
    throw new NotCallableError(`${who} expects a list of functions, got ${got}`);
  }
  const list = [...(fns as Iterable<unknown>)];
  const wrong = list.findIndex((fn) => typeof fn !== 'function');
  if (wrong === -1) return list as (() => unknown)[];
  const complaint = `${who} expects a list of functions, got ${describe(list[wrong])} at index ${wrong}`;
  for (const each of list) disown(each);
  throw new NotCallableError(complaint);
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';

function describe(value: unknown): string {
  const wrap = 'Pass a function that calls it: () => f(x)';
  if (isCoroutine(value)) return `a generator object (the generator function was called. ${wrap})`;
  if (typeof value !== 'function' && isThenable(value)) return `a promise (the async function was called. ${wrap})`;
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object' : `${typeof value} ${String(value)}`;
}

/** The error about the list is told instead of what becomes of the calls that are in it. */
function disown(value: unknown): void {
  if (isCoroutine(value)) value.return(undefined);
  else if (isThenable(value)) value.then(undefined, () => undefined);
}
