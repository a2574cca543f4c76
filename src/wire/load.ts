import { bare, didYouMean, NotPortableError, whileImporting } from '../core/index.js';
import type { FunctionRef } from './function-ref.js';
import { portableFunction } from './portable.js';
import { tsxInWorker } from './tsx-in-worker.js';

type Call = (...args: unknown[]) => unknown;

const loaded = new Map<string, Call | Promise<Call>>();
const mostLoaded = 1000;

/**
 * The function that a reference means, in this thread. The answer is a promise only while its module is being imported.
 *
 * Cancelling: an import cannot be stopped.
 *
 * @throws what the module throws while it is imported; `NotPortableError` if it has no such function.
 */
export function loadFunction(ref: FunctionRef): Call | Promise<Call> {
  const key = ref.kind === 'source' ? ref.source : `${ref.url}#${ref.path.join('.')}`;
  const known = loaded.get(key);
  if (known !== undefined) return known;
  if (ref.kind === 'source') {
    const fn = evaluate(ref);
    // Texts may be made without end; a module has its exports and no more.
    if (loaded.size >= mostLoaded) loaded.delete(loaded.keys().next().value as string);
    loaded.set(key, fn);
    return fn;
  }
  const coming = whileImporting(() => imported(ref.url)).then((namespace) => {
    const fn = pick(ref, namespace);
    loaded.set(key, fn);
    return fn;
  });
  loaded.set(key, coming);
  // A failure is not kept: the next call asks the loader again, which knows whether that can help. Whoever called gets it.
  coming.catch(() => loaded.delete(key));
  return coming;
}

async function imported(url: string): Promise<Record<string, unknown>> {
  const loader = tsxInWorker();
  if (loader !== undefined) await loader;
  return import(url);
}

/** In the global scope, where nothing of this module can be seen. */
function evaluate(ref: FunctionRef & { kind: 'source' }): Call {
  const label = ref.name.replace(/[^\w$.-]/g, '_');
  let fn: unknown;
  try {
    // biome-ignore lint/security/noGlobalEval: the text is the caller's own function, and running it is what was asked
    fn = globalThis.eval(`${ref.source}\n//# sourceURL=meantime-source/${label}`);
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    throw new NotPortableError(
      `${ref.name || 'A function'} travels as source text, and its worker takes no code from strings (--disallow-code-generation-from-strings, or a policy): ` +
        'export the function from a module that is imported by name where the call is made, or name it with portable(), and it travels by reference',
      bare({ functionName: ref.name, cause: error }),
    );
  }
  if (typeof fn !== 'function') {
    throw new NotPortableError(`The source text of ${ref.name} was expected to be a function, got ${typeof fn}`);
  }
  return fn as Call;
}

type Export = FunctionRef & { kind: 'export' };

function pick(ref: Export, namespace: Record<string, unknown>): Call {
  const named = portableFunction(ref.url, ref.path);
  if (named !== undefined) return named as Call;
  // Of a CommonJS module, `import()` names only some of the exports; all of them are properties of its default export.
  // Where a loader gives a compiled ES module its `default` for that, a reference has a step too many.
  const inside = ref.path[0] === 'default' && ref.path.length > 1 ? ref.path.slice(1) : ref.path;
  const fn = walk(namespace, ref.path) ?? walk(namespace.default, ref.path) ?? walk(namespace, inside);
  if (fn !== undefined) return fn;
  throw notThere(ref, namespace);
}

function walk(root: unknown, path: readonly string[]): Call | undefined {
  let holder: unknown;
  let value: unknown = root;
  for (const name of path) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
    holder = value;
    value = member(value, name);
  }
  if (typeof value !== 'function') return undefined;
  // A static method says `this` for its class. Everything else travels without a `this`, as it is called without one.
  return path.length > 1 && typeof holder === 'function' ? value.bind(holder) : (value as Call);
}

/** An own property, or one that a class has from the classes it extends; never what every object has. */
function member(of: object, name: string): unknown {
  for (let o: object | null = of; o !== null; o = Object.getPrototypeOf(o)) {
    if (o === Object.prototype || o === Function.prototype) return undefined;
    if (Object.hasOwn(o, name)) return (of as Record<string, unknown>)[name];
  }
  return undefined;
}

function notThere(ref: Export, namespace: Record<string, unknown>): NotPortableError {
  const name = ref.path.join('.');
  let found: unknown = namespace;
  for (const part of ref.path) found = typeof found === 'object' && found !== null ? member(found, part) : undefined;
  if (found !== undefined) {
    return new NotPortableError(`The export ${name} of ${ref.url} was expected to be a function, got ${describe(found)}`);
  }
  const own = typeof namespace.default === 'object' && namespace.default !== null ? Object.keys(namespace.default) : [];
  const names = new Set([...Object.keys(namespace), ...own]);
  names.delete('default');
  names.delete('module.exports');
  const offer = didYouMean(ref.path[0], names);
  const all = [...names].slice(0, 12).join(', ');
  return new NotPortableError(`In the worker, ${ref.url} has no export ${name}${offer || (all ? `; it has ${all}` : '; it has none')}`);
}

const describe = (value: unknown): string => (value === null ? 'null' : typeof value === 'object' ? 'an object' : `a ${typeof value}`);
