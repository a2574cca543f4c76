import { fileURLToPath } from 'node:url';
import { exportPathAt } from './export-syntax.js';
import { pathInNamespace } from './exports-of.js';
import type { AnyFunction } from './function-ref.js';
import { commonModule, type FoundExport, inCommonModule, loadedNamespace } from './loaded-modules.js';
import { type Facts, factsOf, type Place, scriptOf } from './locate.js';
import { type SourcePlace, sourcePlace } from './not-portable.js';
import { loadParser, unlessTooDeep } from './syntax.js';

/** More than for a guess: this is the module for certain, and its loader may be slow. */
const turns = 20;

/**
 * Looks for a function in the module in which V8 compiled it.
 *
 * @param fn The function to find among the exports.
 * @param made The function whose module it is: `fn` itself, or what a bound `fn` stands for.
 * @returns `pending` if it was not found, but may yet be: the module is still being evaluated.
 */
export async function fromInspector(fn: AnyFunction, made: AnyFunction): Promise<FoundExport | 'pending' | undefined> {
  const { place } = factsOf(made);
  const script = place && scriptOf(place);
  if (place === undefined || script === undefined) return undefined;
  const { url, isModule } = script;
  if (!isModule) {
    // A script that is in no cache was made by somebody's own loader: importing it would run it a second time.
    return url.startsWith('file:') ? inCommonModule(fn, commonModule(fileURLToPath(url))) : undefined;
  }
  const namespace = await loadedNamespace(url, turns);
  if (namespace === undefined) return undefined;
  if (namespace !== 'pending') {
    const path = pathInNamespace(fn, namespace);
    return path && { url, path };
  }
  const path = fn === made ? await written(place) : undefined;
  return path === undefined ? 'pending' : { url, path };
}

async function written(place: Place): Promise<readonly string[] | undefined> {
  const text = scriptOf(place, true)?.text;
  if (text === undefined) return undefined;
  const program = (await loadParser())(text);
  if (program instanceof Error) return undefined; // V8 knows more syntax than the parser does
  let start = 0;
  for (let line = 0; line < place.line; line++) start = text.indexOf('\n', start) + 1;
  return unlessTooDeep(() => exportPathAt(program, start + place.column));
}

/** Where a function stands, for an error message. */
export interface Whereabouts extends Pick<Facts, 'target'> {
  /** In the user's file; not there if V8 does not know. */
  readonly place: SourcePlace | undefined;
  /** Whether the function was made from text by `eval` or the like, and so has no module. */
  readonly isEvaluated: boolean;
  /** The user's line of something in the text that goes from the function's parameters on. */
  lineAfter(text: string): number | undefined;
}

export function whereIs(fn: AnyFunction): Whereabouts {
  const { place, target } = factsOf(fn);
  const made = place ?? (target && factsOf(target).place);
  const script = made && scriptOf(made);
  if (made === undefined || script === undefined) {
    return { place: undefined, target, isEvaluated: false, lineAfter: () => undefined };
  }
  return {
    target,
    place: sourcePlace(script.url, made.line, made.column),
    isEvaluated: !/^(?:file|data|https?):/.test(script.url) || /\[(?:eval\d*|stdin)\]$/.test(script.url),
    lineAfter: (text) => {
      const below = text.split('\n').length - 1;
      const column = text.length - (text.lastIndexOf('\n') + 1);
      return sourcePlace(script.url, made.line + below, below === 0 ? made.column + column : column).line;
    },
  };
}
