import { fileURLToPath } from 'node:url';
import { exportPathAt } from './export-syntax.js';
import { pathInNamespace } from './exports-of.js';
import { commonModule, type FoundExport, inCommonModule, loadedNamespace } from './loaded-modules.js';
import { type Facts, factsOf, type Place, scriptOf } from './locate.js';
import { type SourcePlace, sourcePlace } from './not-portable.js';
import { loadParser } from './syntax.js';

/** More than for a guess: this is the module for certain, and its loader may be slow. */
const turns = 20;

/**
 * Looks for a function in the module in which V8 compiled it.
 *
 * @param fn The function to find among the exports.
 * @param made The function whose module it is: `fn` itself, or what a bound `fn` stands for.
 */
export async function fromInspector(fn: Function, made: Function): Promise<FoundExport | undefined> {
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
  const path = namespace === 'pending' ? await written(place) : pathInNamespace(fn, namespace);
  return path && { url, path };
}

async function written(place: Place): Promise<readonly string[] | undefined> {
  const text = scriptOf(place, true)?.text;
  if (text === undefined) return undefined;
  const program = (await loadParser())(text);
  if (program instanceof Error) return undefined; // V8 knows more syntax than the parser does
  let start = 0;
  for (let line = 0; line < place.line; line++) start = text.indexOf('\n', start) + 1;
  return exportPathAt(program, start + place.column);
}

export interface Whereabouts extends Pick<Facts, 'target'> {
  /** Where the function stands in the user's file. */
  readonly place: SourcePlace | undefined;
  /** The user's line of a line of the function, counted from its first. */
  lineOf(line: number): number | undefined;
}

/** Where a function stands, for an error message. */
export function whereIs(fn: Function): Whereabouts {
  const { place, target } = factsOf(fn);
  const made = place ?? (target && factsOf(target).place);
  const script = made && scriptOf(made);
  if (made === undefined || script === undefined) return { place: undefined, target, lineOf: () => undefined };
  return {
    target,
    place: sourcePlace(script.url, made.line, made.column),
    lineOf: (line) => sourcePlace(script.url, made.line + line, line === 0 ? made.column : 0).line,
  };
}
