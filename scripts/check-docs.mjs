// Holds the documentation of everything that a door exports. Each declaration has a docstring; what a caller waits for says
// "Cancelling:"; functions and classes have an example that is run and asserts something. `@internal` marks what a room's door hands to
// other rooms only. node scripts/check-docs.mjs [ROOT]
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ast, lineOf, openProject, SignatureKind, SymbolFlags, startOf } from './lib/project.mjs';

/** Types of what takes time, so that a reader must be told what cancelling does. */
const waits = /^(Promise|PromiseLike|Future|Results|Waited|AsyncIterable|AsyncIterableIterator|AsyncIterator|AsyncGenerator)</;
/** These names say it all, or TypeScript says it. */
const selfEvident = new Set(['then', 'catch', 'finally']);

const root = resolve(process.argv[2] ?? '.');
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { project, checker, file, close } = openProject(join(root, 'tsconfig.json'));
const [faults, seen] = [[], new Set()];
let checked = 0;

/** The doc comment of a declaration; a variable's belongs to its statement. */
function docOf(node, source) {
  const owner = ast.isVariableDeclaration(node) ? node.parent.parent : node;
  return (owner.jsDoc ?? []).map((doc) => source.text.slice(doc.pos, doc.end)).join('\n');
}

function whatItGives(symbol) {
  const type = checker.getTypeOfSymbol(symbol);
  if (type === undefined) return [];
  const signatures = checker.getSignaturesOfType(type, SignatureKind.Call);
  return signatures.map((signature) => checker.typeToString(checker.getReturnTypeOfSignature(signature)));
}

function declarationsOf(symbol) {
  return (symbol.declarations ?? []).map((handle) => {
    const source = file(handle.path);
    return { node: handle.resolve(project), source };
  });
}

function check(symbol, door) {
  const places = declarationsOf(symbol).filter(
    ({ source }) => source !== undefined && !relative(`${root}/src`, source.fileName).startsWith('..'),
  );
  if (places.length === 0 || seen.has(places[0].node)) return;
  seen.add(places[0].node);
  checked++;
  const { node, source } = places[0];
  const where = `${relative(root, source.fileName)}:${lineOf(source.text, startOf(source, node))} ${symbol.name}`;
  const say = (text) => faults.push(`${where} (${door}): ${text}`);
  const doc = places.map((place) => docOf(place.node, place.source)).join('\n');
  if (doc === '') return say('has no docstring');
  if (doc.includes('@internal')) return;
  const returned = whatItGives(symbol).find((type) => waits.test(type));
  if (returned && !doc.includes('Cancelling:')) say(`returns ${returned} and has no "Cancelling:" line`);
  const isError = source.fileName.endsWith('/errors.ts');
  const needsExample = !isError && symbol.flags & (SymbolFlags.Function | SymbolFlags.Class);
  const example = /```ts run([\s\S]*?)```/.exec(doc)?.[1];
  if (needsExample && example === undefined) say('has no example in a fence tagged "ts run"');
  else if (example !== undefined && !example.includes('// =>')) say('has an example that asserts nothing: end a line with "// => value"');
  if (symbol.flags & (SymbolFlags.Class | SymbolFlags.Interface)) checkMembers(symbol, source, doc, door);
}

function checkMembers(symbol, source, doc, door) {
  for (const member of checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))) {
    const own = declarationsOf(member).filter((place) => place.source === source);
    if (own.length === 0 || member.name.startsWith('__') || selfEvident.has(member.name)) continue;
    const isPrivate = own.some(({ node }) => node.modifiers?.some((m) => m.kind === ast.SyntaxKind.PrivateKeyword));
    const text = own.map((place) => docOf(place.node, source)).join('\n');
    if (isPrivate || text.includes('@internal') || `${doc}${text}`.includes('Cancelling:')) continue;
    const returned = whatItGives(member).find((type) => waits.test(type));
    if (returned === undefined) continue;
    const line = lineOf(source.text, startOf(source, own[0].node));
    const where = `${relative(root, source.fileName)}:${line} ${symbol.name}.${member.name}`;
    faults.push(`${where} (${door}): returns ${returned}, and neither it nor ${symbol.name} has a "Cancelling:" line`);
  }
}

for (const [door, target] of Object.entries(exports)) {
  if (typeof target === 'string') continue;
  const source = file(resolve(root, target.types.replace('./dist/', 'src/').replace(/\.d\.ts$/, '.ts')));
  if (source === undefined) {
    faults.push(`package.json: the door "${door}" has no source for ${target.types}`);
    continue;
  }
  const module = checker.getSymbolAtLocation(source);
  if (module === undefined) faults.push(`package.json: the door "${door}" exports nothing`);
  for (const symbol of module ? checker.getExportsOfModule(module) : []) {
    check(symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol, `meantime${door.slice(1)}`);
  }
}
close();

for (const fault of faults.sort()) console.error(fault);
console.log(faults.length === 0 ? `docs: ${checked} public declarations, as they should be` : `docs: ${faults.length} wrong`);
process.exitCode = faults.length === 0 ? 0 : 1;
