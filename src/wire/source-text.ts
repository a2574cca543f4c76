import { bare, has } from '../core/index.js';
import { type FreeUse, freeVariables } from './free-variables.js';
import type { AnyFunction } from './function-ref.js';
import { isKnownGlobal } from './known-globals.js';
import { isFunctionSyntax, loadParser, type Parse, type Syntax, unlessTooDeep } from './syntax.js';

/** What becomes of a function's text. */
export type SourceText =
  /** It stands alone: a script whose completion value is the function. */
  | { readonly script: string }
  /** It does not: what it uses from around itself. */
  | { readonly uses: readonly FreeUse[]; readonly parametersAt: number }
  /** It cannot even be read by itself, and why. */
  | { readonly unreadable: string };

/**
 * `esbuild`, and so `tsx`, keeps the names of inner functions by calls of a helper at the top of the module. It is the one
 * free variable whose meaning is known.
 */
const nameKeeper = '__name';
const nameKeeperText = `const ${nameKeeper} = (fn, value) => Object.defineProperty(fn, 'name', { value, configurable: true });`;

/** Makes a function's text into a script that gives the same function anywhere, if it uses nothing from around itself. */
export async function sourceText(fn: AnyFunction, text: string): Promise<SourceText> {
  const read = readFunction(await loadParser(), fn, text);
  if (has(read, 'unreadable')) return read;
  const all = unlessTooDeep(() => freeVariables(read.node));
  if (all === undefined) return { unreadable: 'its text is nested too deeply' };
  const uses = all.filter((use) => !isKnownGlobal(use.name));
  const others = uses.filter((use) => use.name !== nameKeeper);
  if (others.length > 0) {
    const parametersAt = read.parametersAt - read.offset;
    return { uses: others.map((use) => ({ ...use, at: use.at - read.offset })), parametersAt };
  }
  const strict = isSloppy(fn) ? '' : `'use strict'; `;
  const value = uses.length === 0 ? read.expression : `(() => { ${nameKeeperText} return ${read.expression}; })()`;
  return { script: `${strict}${value}` };
}

/**
 * Whether a function is not strict: the code of modules and classes always is, a plain function of a CommonJS file need
 * not be. Only such a one lets its `caller` be read, whether V8 keeps that on the function or on its prototype.
 */
function isSloppy(fn: AnyFunction): boolean {
  try {
    return (fn as { caller?: unknown }).caller !== undefined;
  } catch {
    return false; // the TypeError that the language prescribes for a strict function is the answer
  }
}

interface Readable {
  readonly node: Syntax;
  readonly expression: string;
  /** How many characters stand before the text in what was parsed. */
  readonly offset: number;
  readonly parametersAt: number;
}

/** Parses what `toString` gave: an expression, or a method, which is one only inside an object or a class. */
export function readFunction(parse: Parse, fn: AnyFunction, text: string): Readable | { unreadable: string } {
  const sourceType = isSloppy(fn) ? ('script' as const) : ('module' as const);
  const alone = parse(`(${text}\n)`, bare({ sourceType, allowSuperOutsideMethod: true }));
  if (!(alone instanceof Error)) {
    const node = onlyExpression(alone);
    if (node === undefined || !isFunctionSyntax(node)) return { unreadable: 'it is not a function' };
    return { node, expression: `(${text})`, offset: 1, parametersAt: parametersOf(node, `(${text})`) };
  }
  const before = '({ ';
  const asMember = parse(`${before}${text}\n})`, bare({ sourceType }));
  if (asMember instanceof Error) {
    return {
      unreadable: text.startsWith('#')
        ? 'it is a private method'
        : `it cannot be read by itself: ${alone.message.replace(/ \(\d+:\d+\)$/, '')}`,
    };
  }
  const object = onlyExpression(asMember);
  const member = (object?.properties as Syntax[] | undefined)?.[0];
  if (member === undefined || member.type !== 'Property') return { unreadable: 'it is not a function' };
  if (member.kind !== 'init') return { unreadable: `it is a ${member.kind === 'get' ? 'getter' : 'setter'}` };
  const node = member.value as Syntax;
  // The key may be computed from variables that are far away now. The function has its name already.
  const mark = `${node.async ? 'async ' : ''}${node.generator ? '*' : ''}`;
  const key = JSON.stringify(fn.name);
  const rest = text.slice(node.start - before.length);
  return { node, expression: `({ ${mark}[${key}]${rest} })[${key}]`, offset: before.length, parametersAt: node.start };
}

function onlyExpression(program: Syntax): Syntax | undefined {
  const [statement, ...more] = program.body as Syntax[];
  return more.length === 0 && statement?.type === 'ExpressionStatement' ? (statement.expression as Syntax) : undefined;
}

/** Where V8 says that a function begins: its opening parenthesis, or the start of an arrow function. */
function parametersOf(node: Syntax, text: string): number {
  if (node.type === 'ArrowFunctionExpression') return node.start;
  return text.indexOf('(', (node.id as Syntax | null)?.end ?? node.start);
}
