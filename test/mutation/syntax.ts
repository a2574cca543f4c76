import { type AnyNode, parse } from 'acorn';

/** A node and all that it is in, innermost first. */
export interface Place {
  node: AnyNode;
  around: AnyNode[];
}

export const parsed = (text: string): AnyNode => parse(text, { ecmaVersion: 2024, sourceType: 'module' });

export const parses = (text: string): boolean => {
  try {
    parsed(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
};

const isNode = (value: unknown): value is AnyNode => typeof (value as AnyNode | null)?.type === 'string';

/** Every node of a program, in the order of the text. */
export function* places(node: AnyNode, around: AnyNode[] = []): Generator<Place, void, undefined> {
  yield { node, around };
  const inside = [node, ...around];
  for (const value of Object.values(node)) {
    for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) yield* places(each, inside);
  }
}

const named = (node: AnyNode): string | undefined => {
  if (node.type === 'MethodDefinition' || node.type === 'PropertyDefinition') {
    const { key } = node;
    const name = key.type === 'Identifier' ? key.name : key.type === 'PrivateIdentifier' ? `#${key.name}` : '[computed]';
    return node.type === 'MethodDefinition' && node.kind !== 'method' && node.kind !== 'constructor' ? `${node.kind} ${name}` : name;
  }
  if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') return node.id?.name;
  if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier') return node.id.name;
  return undefined;
};

/** Where a node is, by name: `Scope.leave`. It stays the same when lines move. */
export const placeName = (around: AnyNode[]): string => {
  const names = around.map(named).filter((name) => name !== undefined);
  return names.length === 0 ? 'module' : names.reverse().slice(0, 2).join('.');
};
