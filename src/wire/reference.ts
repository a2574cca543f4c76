import { NotPortableError } from '../core/index.js';
import { builtInRef } from './built-ins.js';
import { callers } from './callers.js';
import { fromCallers } from './from-callers.js';
import { fromInspector, whereIs } from './from-inspector.js';
import { type FunctionRef, nameOf } from './function-ref.js';
import { type FoundExport, inCommonModules } from './loaded-modules.js';
import { notPortable } from './not-portable.js';
import { portableRef } from './portable.js';
import { sourceText } from './source-text.js';

const known = new WeakMap<Function, FunctionRef | Promise<FunctionRef>>();

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
export function referenceOf(fn: Function): FunctionRef | Promise<FunctionRef> {
  const cached = known.get(fn);
  if (cached !== undefined) return cached;
  const text = Function.prototype.toString.call(fn);
  const ref = portableRef(fn) ?? byText.get(text) ?? atOnce(fn, text);
  if (ref !== undefined) {
    known.set(fn, ref);
    return ref;
  }
  const search = find(fn, text, callers()).then(
    (found) => {
      known.set(fn, found);
      return found;
    },
    (error: unknown) => {
      known.delete(fn);
      throw error;
    },
  );
  known.set(fn, search); // a thousand calls in one turn make one search
  return search;
}

const isNative = (text: string): boolean => /\{\s*\[native code\]\s*\}\s*$/.test(text);

function atOnce(fn: Function, text: string): FunctionRef | undefined {
  const found = inCommonModules(fn, callers());
  if (found !== undefined) return exportRef(fn, found);
  if (/^class\b/.test(text)) {
    throw new NotPortableError(
      `${nameOf(fn)} is a class and cannot be called in a worker: pass a function that makes the object there`,
      { functionName: nameOf(fn) },
    );
  }
  return isNative(text) ? builtInRef(fn) : undefined;
}

const exportRef = (fn: Function, { url, path }: FoundExport): FunctionRef => ({ kind: 'export', url, path, name: nameOf(fn) });

async function find(fn: Function, text: string, files: readonly string[]): Promise<FunctionRef> {
  const near = await fromCallers(fn, files);
  if (near !== undefined) return exportRef(fn, near);
  if (isNative(text)) return bound(fn);
  const source = await sourceText(fn, text);
  if ('script' in source) {
    const ref: FunctionRef = { kind: 'source', source: source.script, name: nameOf(fn) };
    if (byText.size >= mostTexts) byText.delete(byText.keys().next().value as string);
    byText.set(text, ref);
    return ref;
  }
  const far = await fromInspector(fn, fn);
  if (typeof far === 'object') return exportRef(fn, far);
  // Node's own functions are JavaScript, too.
  const builtIn = builtInRef(fn);
  if (builtIn !== undefined) return builtIn;
  const { place, isEvaluated, lineAfter } = whereIs(fn);
  const search = isEvaluated ? 'evaluated' : (far ?? 'done');
  if ('unreadable' in source) throw notPortable({ fn, place, search, uses: [], because: source.unreadable });
  const uses = source.uses.map(({ name, at }) => ({ name, line: lineAfter(text.slice(source.parametersAt, at)) }));
  throw notPortable({ fn, place, search, uses });
}

/** A bound function or a proxy may itself be an export of the module that it was made from. */
async function bound(fn: Function): Promise<FunctionRef> {
  const { target, place } = whereIs(fn);
  const found = target && (await fromInspector(fn, target));
  if (typeof found === 'object') return exportRef(fn, found);
  const because = target
    ? 'it is a bound function or a proxy, whose target and arguments stay behind'
    : 'it is native code, and neither a global of every worker nor an export of one of Node’s modules';
  throw notPortable({ fn, place, search: found ?? 'done', uses: [], because });
}
