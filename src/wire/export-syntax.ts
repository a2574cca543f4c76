import { isFunctionSyntax, isSyntax, partsOf, type Syntax } from './syntax.js';

/**
 * Where among a module's exports a function is, read from the module's syntax tree: for a module that is still being
 * evaluated, and so cannot be asked. Sees what is written down: an exported function, class or object literal. What an
 * expression makes (`export const f = wrap(g)`) only identity can find, once the module is done.
 *
 * @param program The module.
 * @param at Where in its text the function begins, at its parameters.
 */
export function exportPathAt(program: Syntax, at: number): readonly string[] | undefined {
  const target = innermostFunction(program, at);
  if (target === undefined) return undefined;
  const locals = new Map<string, Syntax>();
  const exported: [name: string, node: Syntax][] = [];
  for (const statement of program.body as Syntax[]) {
    const declaration = isSyntax(statement.declaration) ? statement.declaration : undefined;
    for (const [name, node] of declarations(declaration ?? statement)) {
      locals.set(name, node);
      if (statement.type === 'ExportNamedDeclaration') exported.push([name, node]);
    }
    if (statement.type === 'ExportDefaultDeclaration' && declaration !== undefined) exported.push(['default', declaration]);
  }
  // In a second round: `export { resize }` may stand above the function.
  for (const statement of program.body as Syntax[]) {
    if (statement.type !== 'ExportNamedDeclaration' || isSyntax(statement.source)) continue;
    for (const specifier of statement.specifiers as Syntax[]) {
      const node = locals.get(nameIn(specifier.local as Syntax));
      if (node !== undefined) exported.push([nameIn(specifier.exported as Syntax), node]);
    }
  }
  const looked = new Set<Syntax>();
  for (const [name, node] of exported) {
    const value = node.type === 'Identifier' ? (locals.get(node.name as string) ?? node) : node;
    if (value === target) return [name];
    if (looked.has(value)) continue; // one object may be exported under any number of names
    looked.add(value);
    const member = memberPath(value, target);
    if (member !== undefined) return [name, member];
  }
  return undefined;
}

const nameIn = (node: Syntax): string => String(node.type === 'Literal' ? node.value : node.name);

/** The names that a statement declares together with what they are bound to. */
function declarations(statement: Syntax): [string, Syntax][] {
  if (statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration') {
    return isSyntax(statement.id) ? [[statement.id.name as string, statement]] : [];
  }
  // A `let` may be another function by now.
  if (statement.type !== 'VariableDeclaration' || statement.kind !== 'const') return [];
  return (statement.declarations as Syntax[]).flatMap((d): [string, Syntax][] => {
    const id = d.id as Syntax;
    return id.type === 'Identifier' && isSyntax(d.init) ? [[id.name as string, unwrapped(d.init)]] : [];
  });
}

/** `esbuild`, and so `tsx`, writes `__name(fn, 'fn')`, which gives back `fn`. */
function unwrapped(value: Syntax): Syntax {
  const [first] = (value.arguments ?? []) as Syntax[];
  const helper = value.type === 'CallExpression' && (value.callee as Syntax).name === '__name';
  return helper && first !== undefined ? first : value;
}

/** The name of a static method or of a member of an object literal. */
function memberPath(holder: Syntax, target: Syntax): string | undefined {
  const members =
    holder.type === 'ObjectExpression'
      ? (holder.properties as Syntax[])
      : isSyntax(holder.body) && holder.body.type === 'ClassBody'
        ? (holder.body.body as Syntax[]).filter((m) => m.static === true)
        : [];
  const found = members.find(
    (m) => isSyntax(m.value) && unwrapped(m.value) === target && !m.computed && m.kind !== 'get' && m.kind !== 'set',
  );
  const key = found?.key as Syntax | undefined;
  return key === undefined || key.type === 'PrivateIdentifier' ? undefined : nameIn(key);
}

function innermostFunction(node: Syntax, at: number): Syntax | undefined {
  for (const part of partsOf(node)) {
    if (at < part.start || at >= part.end) continue;
    const inner = innermostFunction(part, at);
    if (inner !== undefined) return inner;
    if (isFunctionSyntax(part) && at < (part.body as Syntax).start) return part;
  }
  return undefined;
}
