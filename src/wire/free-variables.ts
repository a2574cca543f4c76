import { isBuiltin } from 'node:module';
import { isFunctionSyntax, isSyntax, partsOf, type Syntax } from './syntax.js';

/** Something that a function takes from around itself. */
export interface FreeUse {
  /** A variable, or one of `this`, `super`, `arguments`, `new.target`, `import.meta`, `import('./x.js')`. */
  readonly name: string;
  /** Where in the text. */
  readonly at: number;
}

interface Scope {
  readonly names: Set<string>;
  readonly outer: Scope | undefined;
}

/** What the words that are no variables mean here. */
interface Setting {
  /** In a function that has its own `this`, `arguments` and `new.target`, or in a class body. */
  readonly ownThis: boolean;
  /** In a method of a class or an object that is itself part of the text. */
  readonly ownSuper: boolean;
}

/**
 * Everything that a function takes from around itself, in the order of the text: the names in it that neither it nor
 * anything inside it declares, and `this`, `super` and the like where they are somebody else's.
 *
 * @param root The function's node.
 */
export function freeVariables(root: Syntax): FreeUse[] {
  const uses: FreeUse[] = [];

  const visit = (node: Syntax, scope: Scope, setting: Setting): void => {
    const into = (part: unknown, inner = scope, now = setting): void => {
      if (isSyntax(part)) visit(part, inner, now);
      else if (Array.isArray(part)) for (const item of part) into(item, inner, now);
    };

    switch (node.type) {
      case 'Identifier':
        if (!isBound(node.name as string, scope)) uses.push({ name: node.name as string, at: node.start });
        break;
      case 'ThisExpression':
        if (!setting.ownThis) uses.push({ name: 'this', at: node.start });
        break;
      case 'Super':
        if (!setting.ownSuper) uses.push({ name: 'super', at: node.start });
        break;
      case 'MetaProperty':
        if ((node.meta as Syntax).name === 'import') uses.push({ name: 'import.meta', at: node.start });
        else if (!setting.ownThis) uses.push({ name: 'new.target', at: node.start });
        break;
      case 'ImportExpression':
        if (!isAbsolute(node.source as Syntax)) uses.push({ name: importText(node.source as Syntax), at: node.start });
        into([node.source, node.options]);
        break;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        inFunction(node, scope, setting, false);
        break;
      case 'MemberExpression':
        into([node.object, node.computed ? node.property : undefined]);
        break;
      case 'Property':
        if (node.computed) into(node.key);
        if (node.method || node.kind === 'get' || node.kind === 'set') inFunction(node.value as Syntax, scope, setting, true);
        else into(node.value);
        break;
      case 'ClassDeclaration':
      case 'ClassExpression': {
        const inner = isSyntax(node.id) ? within(scope, [node.id.name as string]) : scope;
        into([node.superClass, node.body], inner);
        break;
      }
      case 'MethodDefinition':
        if (node.computed) into(node.key);
        inFunction(node.value as Syntax, scope, setting, true);
        break;
      case 'PropertyDefinition':
        if (node.computed) into(node.key);
        into(node.value, scope, { ownThis: true, ownSuper: true });
        break;
      case 'StaticBlock': {
        const inner = within(scope, [...varNames(node), ...blockNames(node.body as Syntax[])]);
        into(node.body, inner, { ownThis: true, ownSuper: true });
        break;
      }
      case 'BlockStatement':
        into(node.body, within(scope, blockNames(node.body as Syntax[])));
        break;
      case 'SwitchStatement': {
        into(node.discriminant);
        const cases = node.cases as Syntax[];
        into(cases, within(scope, blockNames(cases.flatMap((c) => c.consequent as Syntax[]))));
        break;
      }
      case 'ForStatement':
        into([node.init, node.test, node.update, node.body], within(scope, headNames(node.init)));
        break;
      case 'ForInStatement':
      case 'ForOfStatement':
        into([node.left, node.right, node.body], within(scope, headNames(node.left)));
        break;
      case 'CatchClause': {
        const inner = within(scope, isSyntax(node.param) ? patternNames(node.param) : []);
        into([node.param, node.body], inner);
        break;
      }
      case 'LabeledStatement':
        into(node.body);
        break;
      case 'BreakStatement':
      case 'ContinueStatement':
        break;
      default:
        for (const part of partsOf(node)) visit(part, scope, setting);
    }
  };

  const inFunction = (node: Syntax, scope: Scope, setting: Setting, isMethod: boolean): void => {
    const arrow = node.type === 'ArrowFunctionExpression';
    const params = node.params as Syntax[];
    const own = arrow ? [] : ['arguments'];
    // A function expression sees its own name; a declaration's name is in the block around it, or, at the root, means
    // the function itself once it stands alone.
    if (isSyntax(node.id)) own.push(node.id.name as string);
    // The body's variables are not in sight of the parameters' default values.
    const head = within(scope, [...own, ...params.flatMap(patternNames)]);
    const now = arrow ? setting : { ownThis: true, ownSuper: isMethod };
    for (const param of params) visit(param, head, now);
    const body = node.body as Syntax;
    if (body.type !== 'BlockStatement') {
      visit(body, head, now);
      return;
    }
    const statements = body.body as Syntax[];
    const inner = within(head, [...varNames(body), ...blockNames(statements)]);
    for (const statement of statements) visit(statement, inner, now);
  };

  // `super` at the root belongs to the class or object that the function was taken from.
  inFunction(root, { names: new Set(), outer: undefined }, { ownThis: false, ownSuper: false }, false);
  return uses;
}

const within = (outer: Scope, names: readonly string[]): Scope => (names.length === 0 ? outer : { names: new Set(names), outer });

function isBound(name: string, scope: Scope): boolean {
  for (let s: Scope | undefined = scope; s !== undefined; s = s.outer) if (s.names.has(name)) return true;
  return false;
}

/** The names that a pattern binds. */
function patternNames(pattern: Syntax): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name as string];
    case 'ObjectPattern':
      return (pattern.properties as Syntax[]).flatMap((p) => patternNames((p.type === 'Property' ? p.value : p) as Syntax));
    case 'ArrayPattern':
      return (pattern.elements as unknown[]).filter(isSyntax).flatMap(patternNames);
    case 'AssignmentPattern':
      return patternNames(pattern.left as Syntax);
    case 'RestElement':
      return patternNames(pattern.argument as Syntax);
    default:
      return [];
  }
}

const declaratorNames = (declaration: Syntax): string[] =>
  (declaration.declarations as Syntax[]).flatMap((d) => patternNames(d.id as Syntax));

/** What `let`, `const`, `using`, `class` and `function` declare right in a block, wherever in it. */
function blockNames(statements: readonly Syntax[]): string[] {
  return statements.flatMap((statement) => {
    if (statement.type === 'VariableDeclaration') return declaratorNames(statement);
    if (statement.type === 'LabeledStatement') return blockNames([statement.body as Syntax]);
    const named = statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration';
    return named && isSyntax(statement.id) ? [statement.id.name as string] : [];
  });
}

/** What `var` declares anywhere in a function, blocks included, functions inside it not. */
function varNames(node: Syntax, names: string[] = []): string[] {
  for (const part of partsOf(node)) {
    if (isFunctionSyntax(part) || part.type === 'StaticBlock') continue;
    if (part.type === 'VariableDeclaration' && part.kind === 'var') for (const name of declaratorNames(part)) names.push(name);
    varNames(part, names);
  }
  return names;
}

const headNames = (head: unknown): string[] => (isSyntax(head) && head.type === 'VariableDeclaration' ? declaratorNames(head) : []);

/** A literal that means the same module from everywhere. Of anything computed the function itself must take care. */
function isAbsolute(source: Syntax): boolean {
  if (source.type !== 'Literal') return true;
  const specifier = String(source.value);
  return URL.canParse(specifier) || isBuiltin(specifier);
}

const importText = (source: Syntax): string => `import(${JSON.stringify(source.value)})`;
