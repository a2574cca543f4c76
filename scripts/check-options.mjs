// Holds that no option is inherited: with a polluted `Object.prototype`, an object literal offers
// every property that it does not have itself, to this code and to Node's.
// node scripts/check-options.mjs [--root DIR] [--names]    --names: prints every name that is
// optional in some type
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ast, lineOf, openProject, SymbolFlags, startOf, TypeFlags } from './lib/project.mjs';

/**
 * Functions that make an object without a prototype of a literal, or read its own properties alone.
 */
const safe = new Set([
  ...['bare', 'allBare', 'without', 'socketOptions', 'readOptions', 'readCallOptions', 'readMapOptions'],
  ...['ThreadPoolExecutor', 'ProcessPoolExecutor', 'TaskExecutor', 'AutoExecutor', 'with', 'map', 'resize', 'shutdown'],
]);
/** Types whose one reader makes them bare: too many are made for each to be. */
const madeBare = new Set(['Parcel', 'Request']);
/** Asked by the language, of objects that are handed out. */
const protocols = /^(Async)?Itera(ble)?(tor|ble)?(Iterator)?(Object)?$/;
/** Functions of node:fs, and encodings that they take in the place of options. */
const readers = new Set([
  'readFile',
  'readFileSync',
  'readdir',
  'readdirSync',
  'readlink',
  'readlinkSync',
  'realpath',
  'realpathSync',
  'writeFileSync',
]);
const encodings = new Set(['utf8', 'latin1', 'ascii', 'buffer', 'hex', 'base64']);
/** Tests, and what only tests load. */
const notHeld = /\.test\.ts$|\/borrowed\/|\/model\/|\/simulation\/|\/trial\.ts$|^src\/testing\//;

/** Every complaint about the tree under `root`. */
export function checkOptions(root) {
  const { files, checker, close } = openProject(join(root, 'tsconfig.json'));
  const faults = [];
  for (const file of files) {
    const path = relative(root, file.fileName).replaceAll('\\', '/');
    if (notHeld.test(path)) continue;
    const say = (node, text) => faults.push(`${path}:${lineOf(file.text, startOf(file, node))} ${text}`);

    const literal = (node) => {
      if (isWrapped(node)) return;
      const spread = node.properties.some((property) => ast.isSpreadAssignment(property));
      if (node.properties.length === 0 && isTakenApart(node))
        return say(node, '{} may inherit what is taken out of it: make it with bare() of core');
      const wanted = checker.getContextualType(outermost(node));
      const type = wanted === undefined || isLoose(checker, wanted) ? checker.getTypeAtLocation(node) : wanted;
      if (type === undefined) return;
      const name = nameOf(checker, type);
      if (protocols.test(name) || (!spread && madeBare.has(name))) return;
      const own = new Set(node.properties.map((property) => property.name?.text));
      const missing = optional(checker, type).filter((each) => !own.has(each));
      if (missing.length === 0) return;
      say(node, `{ ${spread ? '...' : ''} } as ${name} may inherit ${shown(missing)}: make it with bare() of core, or give all of them`);
    };

    /** Node makes an object of what is no object, and reads what that inherits. */
    const ofNode = (node) => {
      const called = nameCalled(node);
      if (readers.has(called) && node.arguments.some((given) => ast.isStringLiteral(given) && encodings.has(given.text))) {
        say(node, `${called} is given an encoding, of which Node makes options that inherit: give it an object, made with bare() of core`);
      } else if (called === 'connect' && node.arguments.length > 0 && node.arguments.length < 3 && isText(node.arguments[0])) {
        say(node, 'connect is given a path, of which Node makes options that inherit: give it an object, made with bare() of core');
      } else if (node.expression.getText(file) === 'JSON.parse' && isTakenApart(node)) {
        say(node, 'JSON.parse gives an object that may inherit what is taken out of it: make it bare() first');
      }
    };
    const isText = (node) => /^("|string$|URL$)/.test(nameOf(checker, checker.getTypeAtLocation(node)));

    /** An interface's optional member that a class does not have is inherited by its objects. */
    const implementing = (node) => {
      const own = new Set(checker.getPropertiesOfType(checker.getTypeAtLocation(node)).map(({ name }) => name));
      for (const clause of node.heritageClauses ?? []) {
        if (clause.token !== ast.SyntaxKind.ImplementsKeyword) continue;
        for (const each of clause.types) {
          const type = checker.getTypeAtLocation(each);
          const missing = protocols.test(nameOf(checker, type)) ? [] : optional(checker, type).filter((name) => !own.has(name));
          if (missing.length > 0)
            say(node, `class ${node.name?.text} may inherit ${shown(missing)} of ${each.getText(file)}: give it all of them`);
        }
      }
    };

    const visit = (node) => {
      if (ast.isObjectLiteralExpression(node)) literal(node);
      else if (ast.isClassDeclaration(node)) implementing(node);
      else if (ast.isBindingElement(node) && node.dotDotDotToken && ast.isObjectBindingPattern(node.parent)) {
        const type = checker.getTypeAtLocation(node.name);
        const inherits = type === undefined ? [] : optional(checker, type);
        if (inherits.length > 0) say(node, `...${node.name.getText(file)} may inherit ${shown(inherits)}: make it with without() of core`);
      } else if (ast.isPropertyAccessExpression(node) && node.expression.getText(file) === 'process.env' && path !== 'src/core/bare.ts') {
        say(node, `process.env.${node.name.text} may be inherited: ask variable() of core`);
      }
      if (ast.isCallExpression(node)) ofNode(node);
      if (ast.isBinaryExpression(node) && node.operatorToken.kind === ast.SyntaxKind.InKeyword && ast.isStringLiteral(node.left))
        say(node, `"${node.left.text}" may be inherited: ask has() of core, or Object.hasOwn`);
      node.forEachChild(visit);
    };
    visit(file);
  }
  close();
  return faults.sort();
}

/**
 * A literal with what merely stands around it: brackets, a choice between two, a list,
 * `Object.freeze`.
 */
function outermost(node) {
  let at = node;
  for (;;) {
    const { parent } = at;
    const isFrozen = ast.isCallExpression(parent) && parent.expression.getText() === 'Object.freeze';
    if (!isFrozen && !ast.isParenthesizedExpression(parent) && !ast.isConditionalExpression(parent)) return at;
    at = parent;
  }
}

/** Whether what makes or reads it looks at nothing that is inherited. */
function isWrapped(node) {
  if (hasNoPrototype(node)) return true;
  let at = outermost(node).parent;
  while (ast.isArrayLiteralExpression(at) || ast.isAsExpression(at)) at = outermost(at).parent;
  return (ast.isCallExpression(at) || ast.isNewExpression(at)) && safe.has(nameCalled(at));
}

/** The last part of what is called: `map` of `executor.map(...)`. */
const nameCalled = ({ expression }) => (ast.isPropertyAccessExpression(expression) ? expression.name.text : expression.text);

/** Whether properties are taken out of it there and then. */
function isTakenApart(node) {
  let at = node;
  while (
    ast.isParenthesizedExpression(at.parent) ||
    ast.isConditionalExpression(at.parent) ||
    ast.isBinaryExpression(at.parent) ||
    ast.isAsExpression(at.parent)
  ) {
    at = at.parent;
  }
  const { parent } = at;
  return (
    (ast.isVariableDeclaration(parent) && ast.isObjectBindingPattern(parent.name)) ||
    (ast.isPropertyAccessExpression(parent) && parent.expression === at)
  );
}

/** `{ __proto__: null, ... }` */
const hasNoPrototype = (node) =>
  node.properties.some((property) => property.name?.text === '__proto__' && property.initializer?.kind === ast.SyntaxKind.NullKeyword);

/** A type that says nothing of what is read. */
const isLoose = (checker, type) => ['any', 'unknown', 'object', '{}'].includes(checker.typeToString(type));

const nameOf = (checker, type) =>
  checker
    .typeToString(type)
    .replace(/ \| undefined$/, '')
    .replace(/[<&].*$/s, '')
    .replace(/^\(/, '')
    .trim();

/**
 * The properties that an object of this type need not have; of a union, those of each of its types.
 */
const optional = (checker, type) => {
  const parts = (type.flags & TypeFlags.Union) === 0 ? [type] : type.getTypes();
  const properties = parts
    .filter(({ flags }) => (flags & (TypeFlags.Object | TypeFlags.Intersection)) !== 0)
    .flatMap(checker.getPropertiesOfType.bind(checker));
  return [...new Set(properties.filter(({ flags }) => (flags & SymbolFlags.Optional) !== 0).map(({ name }) => name))].filter(
    (name) => !name.startsWith('__@'),
  ); // no data spells a symbol
};

const shown = (names) => `${names.slice(0, 4).join(', ')}${names.length > 4 ? `, and ${names.length - 4} more` : ''}`;

/** Every name that a type of the tree has as an optional property. */
export function optionalNames(root) {
  const { files, close } = openProject(join(root, 'tsconfig.json'));
  const names = new Set();
  const visit = (node) => {
    if (ast.isPropertySignatureDeclaration?.(node) ?? ast.isPropertySignature(node)) {
      if (node.questionToken ?? node.postfixToken) names.add(node.name.text);
    }
    node.forEachChild(visit);
  };
  for (const file of files) if (!notHeld.test(relative(root, file.fileName).replaceAll('\\', '/'))) visit(file);
  close();
  names.delete(undefined);
  return [...names].sort();
}

function main() {
  const { values } = parseArgs({ options: { root: { type: 'string', default: '.' }, names: { type: 'boolean' } } });
  if (values.names) return console.log(optionalNames(resolve(values.root)).join('\n'));
  const faults = checkOptions(resolve(values.root));
  for (const fault of faults) console.error(fault);
  console.log(faults.length === 0 ? 'options: nothing is inherited' : `options: ${faults.length} wrong`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

if (import.meta.filename === process.argv[1]) main();
