import { bare, NotPortableError, outside } from '../core/index.js';
import { callers } from './callers.js';
import { fromCallers } from './from-callers.js';
import { type AnyFunction, exportRef, type FunctionRef, isNative, nameOf } from './function-ref.js';
import { inCommonModules } from './loaded-modules.js';
import { portableRef } from './portable.js';

const known = new WeakMap<AnyFunction, FunctionRef | Promise<FunctionRef>>();

/** By their text: an arrow function in a loop is another function each time, and stands alone each time. */
const byText = new Map<string, FunctionRef>();
const mostTexts = 1000;

/**
 * How a function travels: the export that it is, or its text if it uses nothing from around itself. At once where it is
 * known or can be found without waiting. Failures are not kept, since a later `portable()` may mend them.
 *
 * The order is that of cost: what was named by hand; CommonJS exports (at once); the modules on the stack and what they
 * import (1 ms); the text alone (15 ms for the parser, at first); the inspector (30 ms).
 *
 * Cancelling: it waits for nothing but a few turns of the loop.
 *
 * @throws {NotPortableError} for a function that cannot travel; as a rejection where it takes a promise to know.
 */
export function referenceOf(fn: AnyFunction): FunctionRef | Promise<FunctionRef> {
  const cached = known.get(fn);
  if (cached !== undefined) return cached;
  const text = Function.prototype.toString.call(fn);
  let ref = portableRef(fn) ?? byText.get(text);
  const files = ref === undefined ? callers() : [];
  ref ??= fromCommonModules(fn, text, files);
  if (ref !== undefined) {
    known.set(fn, ref);
    return ref;
  }
  // The search is everybody's, and so are the modules that it loads.
  const search = outside(() =>
    find(fn, text, files).then(
      (found) => {
        known.set(fn, found);
        return found;
      },
      (error: unknown) => {
        known.delete(fn);
        throw error;
      },
    ),
  );
  known.set(fn, search); // a thousand calls in one turn make one search
  return search;
}

/**
 * The same for a class, of which objects are to be made over there. `referenceOf` refuses them, for a worker calls what it is given.
 *
 * Cancelling: it waits for nothing but a few turns of the loop.
 *
 * @throws {NotPortableError} as a rejection, for a class that cannot travel.
 */
export async function referenceOfClass(of: AnyFunction): Promise<FunctionRef> {
  const files = callers();
  const known = classes.get(of);
  if (known !== undefined) return known;
  const common = portableRef(of) === undefined ? inCommonModules(of, files) : undefined;
  const ref =
    portableRef(of) ?? (common ? exportRef(of, common) : await outside(() => find(of, Function.prototype.toString.call(of), files)));
  classes.set(of, ref);
  return ref;
}

const classes = new WeakMap<AnyFunction, FunctionRef>();

function fromCommonModules(fn: AnyFunction, text: string, files: readonly string[]): FunctionRef | undefined {
  if (/^class\b/.test(text)) {
    throw new NotPortableError(
      `${nameOf(fn)} is a class, and a worker calls functions: pass one that makes the object there and uses it`,
      bare({
        functionName: nameOf(fn),
      }),
    );
  }
  const found = inCommonModules(fn, files);
  return found && exportRef(fn, found);
}

async function find(fn: AnyFunction, text: string, files: readonly string[]): Promise<FunctionRef> {
  const near = await fromCallers(fn, files);
  if (near !== undefined) return exportRef(fn, near);
  const { beyondCallers } = await import('./beyond-callers.js');
  const ref = await beyondCallers(fn, text, files);
  // The text of a built-in says nothing about which one it is.
  if (ref.kind === 'source' && !isNative(text)) {
    if (byText.size >= mostTexts) byText.delete(byText.keys().next().value as string);
    byText.set(text, ref);
  }
  return ref;
}
