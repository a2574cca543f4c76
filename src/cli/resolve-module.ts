import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bare, didYouMean, UTF8 } from '../core/index.js';
import { UsageError } from './exit-code.js';

/** The URL of a module as people name it: a path, a `file:` URL, a built-in, or a package that is installed where they are. */
export function resolveModule(module: string): string {
  if (module.startsWith('node:')) return module;
  if (module === '') throw new UsageError('Expected module#export, such as ./thumbs.ts#resize, got no module');
  const asFile = module.startsWith('file:') ? fileURLToPath(module) : resolve(module);
  if (isFile(asFile)) return pathToFileURL(asFile).href;
  if (/^(\.{0,2}\/|file:)/.test(module)) throw new UsageError(`Cannot find the module ${module}: ${missing(asFile)}`);
  try {
    return pathToFileURL(createRequire(join(process.cwd(), 'from-here.js')).resolve(module)).href;
  } catch (error) {
    const inPackage = fromExports(module);
    if (inPackage !== undefined) return pathToFileURL(inPackage).href;
    const why =
      (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND' ? 'no package of that name is installed here' : (error as Error).message;
    throw new UsageError(`Cannot find the module ${module}: ${missing(asFile)}, and ${why}`);
  }
}

function missing(file: string): string {
  const found = statSync(file, bare({ throwIfNoEntry: false }));
  if (found !== undefined) return `${file} is ${found.isDirectory() ? 'a folder' : 'no regular file'}, and a module was expected`;
  const folder = dirname(file);
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return `there is no folder ${folder}`;
  }
  const stem = (name: string) => basename(name, extname(name));
  const sameStem = names.find((name) => stem(name) === stem(file) && name !== basename(file));
  const hint = sameStem === undefined ? didYouMean(basename(file), names) : `; did you mean "${sameStem}"?`;
  return `there is no file ${file}${hint}`;
}

function isFile(path: string): boolean {
  return statSync(path, bare({ throwIfNoEntry: false }))?.isFile() ?? false;
}

/**
 * The file of a package that only offers itself to `import`. Node's own resolver for that takes a place to start from only
 * behind a flag.
 */
function fromExports(module: string): string | undefined {
  const [, name, rest = ''] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(module) ?? [];
  if (name === undefined) return undefined;
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const home = join(folder, 'node_modules', name);
    if (isFile(join(home, 'package.json'))) {
      const target = targetOf(`.${rest}`, join(home, 'package.json'));
      return target === undefined ? undefined : join(home, target);
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/**
 * The file that a package names for one of its doors, by Node's rules: nothing outside of the
 * package.
 */
function targetOf(door: string, file: string): string | undefined {
  let exports: unknown;
  try {
    ({ exports } = bare(JSON.parse(readFileSync(file, UTF8))));
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${(error as Error).message}`);
  }
  const isTable = typeof exports === 'object' && exports !== null && Object.keys(exports)[0]?.startsWith('.');
  const table = (isTable ? exports : { '.': exports }) as Record<string, unknown>;
  return Object.hasOwn(table, door) ? choose(table[door]) : undefined;
}

/** A path inside of the package: no step leads out of it, however it is spelled. */
const isInside = (target: string): boolean =>
  target.startsWith('./') &&
  !target
    .slice(2)
    .split(/[/\\]|%2f|%5c/i)
    .some((part) => /^(?:\.|%2e){1,2}$/i.test(part) || part === 'node_modules');

function choose(target: unknown): string | undefined {
  if (typeof target === 'string') return isInside(target) ? target : undefined;
  if (Array.isArray(target)) return target.map(choose).find((t) => t !== undefined);
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, next] of Object.entries(target)) {
    if (!['node', 'import', 'module-sync', 'default'].includes(condition)) continue;
    const chosen = choose(next);
    if (chosen !== undefined) return chosen;
  }
  return undefined;
}
