import module, { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { variable } from '../core/index.js';

/**
 * It begins where a word does, or it would be looked for from everywhere in a word of many
 * `--import=`.
 */
export const preload = /(?<![^\s"'])--import(?:=|\s+)["']?(tsx(?:\/esm)?|[^"'\s]*\/tsx\/dist\/(?:loader|esm\/index)\.mjs)(?=["'\s]|$)/;

let ready: Promise<void> | undefined;

/**
 * Before Node had synchronous module hooks (22.15), `tsx` loads TypeScript in the main thread only: it is started in
 * workers too, by the inherited `--import tsx`, but does nothing there. This switches it on. It has to be done before the
 * first import of a module, since Node remembers that an import failed.
 *
 * @returns Nothing where there is nothing to wait for.
 */
export function tsxInWorker(): Promise<void> | undefined {
  const { isMainThread } = process.getBuiltinModule('node:worker_threads');
  if (ready !== undefined || isMainThread || Object.hasOwn(module, 'registerHooks')) return ready;
  const started = preload.exec(`${process.execArgv.join(' ')} ${variable('NODE_OPTIONS') ?? ''}`);
  if (started !== null) ready = switchOn(started[1]);
  return ready;
}

async function switchOn(specifier: string): Promise<void> {
  // Node resolves a preload from the working directory; the `tsx` command names its own file.
  const inPackage = specifier.startsWith('tsx');
  const loader = inPackage ? pathToFileURL(createRequire(`${process.cwd()}/`).resolve('tsx')).href : specifier;
  // By path: asked for as a CommonJS dependency, the package gives the variant that looks for its hooks in the wrong place.
  const { register } = await import(new URL('esm/api/index.mjs', loader.slice(0, loader.lastIndexOf('/dist/') + 6)).href);
  register();
}
