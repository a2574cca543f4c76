import { fileURLToPath } from 'node:url';
import { nearest } from '../core/index.js';
import type { AnyFunction } from '../futures/index.js';
import { portable } from '../wire/index.js';
import { UsageError } from './exit-code.js';
import { importWithin } from './import-limit.js';
import { resolveModule } from './resolve-module.js';

/** A function that was named on the command line. */
export interface Found {
  fn: AnyFunction;
  /** Its file, or the name of a built-in module. */
  file: string;
  /** Its export. */
  name: string;
}

/**
 * Imports the module of `module#export` and looks the export up, so that a typo is told before any worker is started. The function
 * is named for the wire at once: nobody has to search where it came from.
 *
 * @param limit How long the import may take, in ms.
 */
export async function findFunction(spec: string, limit = 30_000): Promise<Found> {
  const at = spec.lastIndexOf('#');
  const module = at < 0 ? spec : spec.slice(0, at);
  const name = at < 0 || at === spec.length - 1 ? 'default' : spec.slice(at + 1);
  const url = resolveModule(module);
  const exports = await load(module, url, limit);
  const fn = pick(exports, name, module);
  return { fn: portable(url, name, fn), file: url.startsWith('file:') ? fileURLToPath(url) : url, name };
}

async function load(module: string, url: string, limit: number): Promise<Record<string, unknown>> {
  try {
    return await importWithin(module, url, limit);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if ((error as NodeJS.ErrnoException)?.code === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.[cm]?tsx?$/.test(url)) {
      throw new UsageError(
        `Cannot import ${module}: Node ${process.versions.node} does not run TypeScript by itself. Use Node 22.18 or later, or install tsx and set NODE_OPTIONS="--import tsx"`,
      );
    }
    throw new UsageError(`Importing ${module} failed: ${told(error)}`);
  }
}

/** Also `Klass.method`, for a static method. */
function pick(exports: Record<string, unknown>, name: string, module: string): AnyFunction {
  let value: unknown = exports;
  for (const part of name.split('.')) {
    const holder = value as Record<string, unknown>;
    if (holder === null || (typeof holder !== 'object' && typeof holder !== 'function') || !Object.hasOwn(holder, part)) {
      throw new UsageError(noExport(exports, name, module));
    }
    value = holder[part];
  }
  if (typeof value !== 'function') {
    throw new UsageError(
      `${module}#${name} is not a function: it is ${value === null ? 'null' : `of type ${typeof value}`}${others(exports)}`,
    );
  }
  if (isClass(value)) {
    throw new UsageError(`${module}#${name} is a class, and a function was expected${others(exports)}`);
  }
  return value as AnyFunction;
}

function noExport(exports: Record<string, unknown>, name: string, module: string): string {
  const names = functionsOf(exports);
  if (name === 'default') {
    const all = names.map((n) => `${module}#${n}`).join(', ');
    return `${module} has no default export; ${all === '' ? 'it exports no function at all' : `name one of its functions: ${all}`}`;
  }
  const near = nearest(name, names, 3);
  if (near.length === 0) return `${module} has no export "${name}"${others(exports)}`;
  return `${module} has no export "${name}"; did you mean ${near.map((n) => `"${n}"`).join(' or ')}?`;
}

const functionsOf = (exports: Record<string, unknown>): string[] =>
  Object.keys(exports).filter((key) => typeof exports[key] === 'function' && !isClass(exports[key]));

const isClass = (value: unknown): boolean => /^class\b/.test(Function.prototype.toString.call(value));

function others(exports: Record<string, unknown>): string {
  const names = functionsOf(exports);
  return names.length === 0 ? '; it exports no function' : `; its functions are ${names.join(', ')}`;
}

/** An error in one paragraph: its name and message, and the first place in its stack that is not Node's own. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = (error.stack ?? '').split('\n');
  // A syntax error's stack begins with the place, any other's with the message.
  const place = /^file:|^\//.test(lines[0])
    ? lines[0]
    : lines.find((line) => /^\s+at .*(file:|\()\/?/.test(line) && !line.includes('node:'));
  return `${error.name}: ${error.message}${place === undefined ? '' : ` (${place.trim()})`}`;
}
