import { exportPathAt } from './export-syntax.js';
import { type FoundExport, loadedNamespace, textOf } from './loaded-modules.js';
import { loadParser, unlessTooDeep } from './syntax.js';

/**
 * Looks for a function in the text of the modules on the stack that are still being evaluated, where no inspector tells
 * more. It has to be there once and as it is: a second function of the same text could be the one that is meant.
 *
 * @param text What `toString` gave.
 * @param parametersAt Where in it the parameters begin.
 */
export async function fromText(text: string, parametersAt: number, files: readonly string[]): Promise<FoundExport | undefined> {
  for (const url of files) {
    const module = textOf(url);
    const at = module?.indexOf(text) ?? -1;
    if (module === undefined || at === -1 || module.indexOf(text, at + 1) !== -1) continue;
    if ((await loadedNamespace(url, 1)) !== 'pending') continue;
    const program = (await loadParser())(module);
    if (program instanceof Error) continue; // TypeScript: a loader gave the engine another text
    const path = unlessTooDeep(() => exportPathAt(program, at + parametersAt));
    if (path !== undefined) return { url, path };
  }
  return undefined;
}
