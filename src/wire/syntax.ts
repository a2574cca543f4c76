import type { Options } from 'acorn';
import { bare } from '../core/index.js';

/** A node of the syntax tree (ESTree), read by its `type`. */
export interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [part: string]: unknown;
}

/** Whether a part of a node is a node. */
export const isSyntax = (value: unknown): value is Syntax =>
  typeof value === 'object' && value !== null && typeof (value as Syntax).type === 'string';

/** The nodes right below a node, in the order of the text. */
export function* partsOf(node: Syntax): Generator<Syntax> {
  for (const key of Object.keys(node)) {
    const part = node[key];
    if (isSyntax(part)) yield part;
    else if (Array.isArray(part)) for (const item of part) if (isSyntax(item)) yield item;
  }
}

const functions = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

export const isFunctionSyntax = (node: Syntax): boolean => functions.has(node.type);

/** The result of a walk through a tree; `undefined` if the tree is deeper than the stack. */
export function unlessTooDeep<T>(walk: () => T): T | undefined {
  try {
    return walk();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export type Parse = (text: string, options?: Partial<Options>) => Syntax | SyntaxError;

/** The parser, loaded when a function's text has to be read: it takes 10 ms. Gives the error instead of throwing it. */
export async function loadParser(): Promise<Parse> {
  const { parse } = await import('acorn');
  return (text, options) => {
    try {
      return parse(text, bare({ ecmaVersion: 'latest', sourceType: 'module', ...options })) as unknown as Syntax;
    } catch (error) {
      if (error instanceof SyntaxError) return error;
      throw error;
    }
  };
}
