import { has } from '../core/index.js';
import { freeVariables } from './free-variables.js';
import type { AnyFunction } from './function-ref.js';
import { isNative } from './function-ref.js';
import { isKnownGlobal } from './known-globals.js';
import { readFunction } from './source-text.js';
import { isSyntax, loadParser, partsOf, type Syntax, unlessTooDeep } from './syntax.js';

/** Methods that change what they are called on, of arrays, maps and sets. */
const changing = new Set([
  'add',
  'clear',
  'copyWithin',
  'delete',
  'fill',
  'pop',
  'push',
  'reverse',
  'set',
  'shift',
  'sort',
  'splice',
  'unshift',
]);

/**
 * The variables from around a function that it writes to, by its own text: `count++`, `cache[key] = value`, `seen.add(id)`. What the functions that it calls do is not
 * looked at; nor is what is awaited, which is something else's state.
 *
 * Cancelling: it waits for the parser to be loaded.
 */
export async function findOuterWrites(fn: AnyFunction): Promise<string[]> {
  const text = Function.prototype.toString.call(fn);
  if (isNative(text)) return [];
  const read = readFunction(await loadParser(), fn, text);
  if (has(read, 'unreadable')) return [];
  return unlessTooDeep(() => writesIn(read.node)) ?? [];
}

function writesIn(fn: Syntax): string[] {
  const free = new Set(freeVariables(fn).flatMap(({ name, at }) => (isKnownGlobal(name) ? [] : [at])));
  const written = new Set<string>();
  const target = (node: unknown): void => {
    const root = isSyntax(node) ? rootOf(node) : undefined;
    if (root?.type === 'Identifier' && free.has(root.start)) written.add(root.name as string);
  };
  const visit = (node: Syntax, isAwaited: boolean): void => {
    if (node.type === 'AssignmentExpression') target(node.left);
    else if (node.type === 'UpdateExpression') target(node.argument);
    else if (node.type === 'UnaryExpression' && node.operator === 'delete') target(node.argument);
    else if (node.type === 'CallExpression' && !isAwaited && isSyntax(node.callee) && node.callee.type === 'MemberExpression') {
      const { property, object, computed } = node.callee as unknown as { property: Syntax; object: Syntax; computed: boolean };
      if (!computed && changing.has(property.name as string)) target(object);
    }
    for (const part of partsOf(node)) visit(part, node.type === 'AwaitExpression' || node.type === 'YieldExpression');
  };
  visit(fn, false);
  return [...written];
}

/** Of `a.b[c].d`, `a`. */
function rootOf(node: Syntax): Syntax {
  let root = node;
  while (root.type === 'MemberExpression' && isSyntax(root.object)) root = root.object;
  return root;
}
