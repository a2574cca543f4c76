import { bare, has } from '../core/index.js';
import { builtInRef } from './built-ins.js';
import { fromInspector, whereIs } from './from-inspector.js';
import { fromText } from './from-text.js';
import { type AnyFunction, exportRef, type FunctionRef, isNative, nameOf } from './function-ref.js';
import { notPortable } from './not-portable.js';
import { sourceText } from './source-text.js';

/**
 * The reference of a function that none of the modules on the stack knows: its text if it stands alone, the export that
 * the inspector leads to, a function of the runtime itself; or the error that says why not. Loaded when it is needed:
 * most programs never do.
 */
export async function beyondCallers(fn: AnyFunction, text: string, files: readonly string[]): Promise<FunctionRef> {
  if (isNative(text)) return builtInRef(fn) ?? bound(fn);
  const source = await sourceText(fn, text);
  const byText: FunctionRef | undefined = has(source, 'script') ? { kind: 'source', source: source.script, name: nameOf(fn) } : undefined;
  if (byText !== undefined && takesText()) return byText;
  const far = await fromInspector(fn, fn);
  if (typeof far === 'object') return exportRef(fn, far);
  if (byText !== undefined || has(source, 'script')) return byText as FunctionRef; // its worker may be less strict, or says why not
  // Node's own functions are JavaScript, too.
  const builtIn = builtInRef(fn);
  if (builtIn !== undefined) return builtIn;
  const { place, isEvaluated, lineAfter } = whereIs(fn);
  if (place === undefined && has(source, 'uses')) {
    const found = await fromText(text, source.parametersAt, files);
    if (found !== undefined) return exportRef(fn, found);
  }
  const search = place === undefined ? 'blind' : isEvaluated ? 'evaluated' : (far ?? 'done');
  if (has(source, 'unreadable')) throw notPortable({ fn, place, search, uses: [], because: source.unreadable });
  const uses = source.uses.map(({ name, at }) => ({ name, line: lineAfter(text.slice(source.parametersAt, at)) }));
  throw notPortable(bare({ fn, place, search, uses }));
}

let takes: boolean | undefined;

/**
 * Whether code may be made from strings here, and so most likely in a worker:
 * `--disallow-code-generation-from-strings` is for both.
 */
function takesText(): boolean {
  try {
    // biome-ignore lint/security/noGlobalEval: a number, to see whether it is refused
    takes ??= globalThis.eval('1') === 1;
  } catch {
    takes = false;
  }
  return takes;
}

/** A bound function or a proxy may itself be an export of the module that it was made from. */
async function bound(fn: AnyFunction): Promise<FunctionRef> {
  const { target, place } = whereIs(fn);
  const found = target && (await fromInspector(fn, target));
  if (typeof found === 'object') return exportRef(fn, found);
  const because = target
    ? 'it is a bound function or a proxy, whose target and arguments stay behind'
    : 'it is native code (or a bound function), and neither a global of every worker nor an export of one of Node’s modules';
  throw notPortable({ fn, place, search: place === undefined ? 'blind' : (found ?? 'done'), uses: [], because });
}
