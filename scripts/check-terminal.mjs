// Holds that a terminal is given nothing to obey: what is written to one goes through the screen of
// the command line, and what Node writes, as a warning, through warningOf() of core. Both put
// escapes in the place of controls.
// node scripts/check-terminal.mjs [--root DIR]
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ast, lineOf, openProject, startOf } from './lib/project.mjs';

/** The only files that may write to a standard stream, and why. */
const doors = new Map([
  ['cli/screen.ts', 'is the door: it puts escapes'],
  ['cli/ending.ts', 'gives the door a stream, and turns what the user prints to the other one'],
  ['cli/import-limit.ts', 'has a thread say it while a loop holds this one: the text is made shownSentence() before'],
  ['processes/emptied.ts', 'passes on what calls printed, as it is'],
  ['processes/printed.ts', 'passes on what calls printed, as it is'],
  ['processes/process-link.ts', 'passes on what a child printed, as it is'],
  ['threads/thread-output.ts', 'passes on what a thread printed, as it is'],
  ['threads/write-output.ts', 'passes on what a thread printed, as it is'],
]);
/** The members of a standard stream that the rest may use: none that writes. */
const harmless = new Set(['columns', 'isTTY', 'fd', 'on', 'once', 'off']);
const takers = new Set(['screenOf', 'untouched']);
/** The escapes are made by this. */
const maker = 'warningOf';
const standard = /^(stdout|stderr|_rawDebug)$/;
const writers = /^(write|end|writev|writeSync|writevSync|writeFile|writeFileSync|appendFile|appendFileSync)$/;
/** The same in the source of another thread or process. */
const inText = /\bconsole\.\w+\(|\bprocess\.(stdout|stderr|emitWarning|_rawDebug)\b|\bwrite\w*\(\s*[12]\s*,/;
/** Tests, and what only tests load. */
const notHeld = /\.test\.ts$|\/borrowed\/|\/model\/|\/simulation\/|\/trial\.ts$|^testing\//;

/** Every complaint about the tree under `root`. */
export function checkTerminal(root) {
  const { files, checker, close } = openProject(join(root, 'tsconfig.json'));
  const faults = [];
  const seen = new Set();
  for (const file of files) {
    const path = relative(join(root, 'src'), file.fileName).replaceAll('\\', '/');
    if (path.startsWith('..') || notHeld.test(path)) continue;
    seen.add(path);
    const isDoor = doors.has(path);
    const say = (node, text) => faults.push(`src/${path}:${lineOf(file.text, startOf(file, node))} ${text}`);
    const writes = (node, what) => {
      if (!isDoor) say(node, `${what}: what a terminal is given goes through screenOf() of cli/screen.ts`);
    };
    const isProcess = (node) => /^(globalThis\.|global\.)?process$/.test(node.getText(file));

    /** `process.stdout` and the rest, by dot or by bracket. */
    const memberOfProcess = (node, name) => {
      if (name === 'emitWarning' || (name === 'emit' && isEmitOfWarning(node))) return warning(node, name);
      if (!standard.test(name)) return;
      const { parent } = node;
      if (ast.isPropertyAccessExpression(parent) && parent.expression === node && harmless.has(parent.name.text)) return;
      if (ast.isCallExpression(parent) && parent.expression !== node && takers.has(parent.expression.getText(file))) return;
      writes(node, `uses process.${name}`);
    };
    const isEmitOfWarning = ({ parent }) => ast.isCallExpression(parent) && parent.arguments[0]?.text === 'warning';
    const warning = (node, name) => {
      const call = node.parent;
      if (!ast.isCallExpression(call) || call.expression !== node)
        return say(node, `passes process.${name} on: call it where the text is made`);
      const given = call.arguments[name === 'emit' ? 1 : 0];
      if (given === undefined || !isMade(given))
        say(node, `gives process.${name} a text or an error as it is: make it with ${maker}() of core`);
    };
    /** Whether it is a call of the maker, or a constant that is one. */
    const isMade = (node) => {
      if (ast.isCallExpression(node)) return node.expression.getText(file) === maker;
      if (!ast.isIdentifier(node)) return false;
      const declared = constants.get(node.text) ?? [];
      return declared.length > 0 && declared.every((value) => value !== undefined && ast.isCallExpression(value) && isMade(value));
    };

    const constants = new Map();
    const collect = (node) => {
      if (ast.isVariableDeclaration(node) && ast.isIdentifier(node.name)) {
        constants.set(node.name.text, [...(constants.get(node.name.text) ?? []), node.initializer]);
      } else if (ast.isParameterDeclaration?.(node) ?? ast.isParameter?.(node)) {
        if (ast.isIdentifier(node.name)) constants.set(node.name.text, [undefined]);
      }
      node.forEachChild(collect);
    };
    collect(file);

    const visit = (node) => {
      if (ast.isImportDeclaration(node)) imported(node);
      else if (ast.isPropertyAccessExpression(node)) {
        if (isProcess(node.expression)) memberOfProcess(node, node.name.text);
        else if (/^(globalThis\.|global\.)?console$/.test(node.expression.getText(file))) writes(node, `uses console.${node.name.text}`);
        else if (writers.test(node.name.text) && isStandard(node.expression)) writes(node, `calls ${node.name.text} of a standard stream`);
      } else if (ast.isElementAccessExpression(node) && isProcess(node.expression))
        memberOfProcess(node, node.argumentExpression.text ?? '');
      else if (ast.isVariableDeclaration(node) && ast.isObjectBindingPattern(node.name) && node.initializer) taken(node);
      else if (ast.isIdentifier(node) && node.text === 'console' && !isMember(node)) writes(node, 'uses console');
      else if (isText(node) && inText.test(node.text)) writes(node, 'has source that writes to a terminal');
      if (ast.isCallExpression(node)) toDescriptor(node);
      node.forEachChild(visit);
    };
    /** `const { stdout } = process`, `const { write } = screen` of a stream. */
    const taken = ({ name, initializer }) => {
      for (const each of name.elements) {
        const member = (each.propertyName ?? each.name).getText(file);
        const isOfProcess = isProcess(initializer) && (standard.test(member) || member === 'emitWarning');
        if (isOfProcess || (writers.test(member) && isStandard(initializer))) writes(each, `takes ${member} out`);
      }
    };
    const imported = (node) => {
      const from = node.moduleSpecifier.text;
      if (from === 'node:console' || from === 'console') return writes(node, 'imports console');
      if (from !== 'node:process' && from !== 'process') return;
      say(node, 'imports process: it is global, and found by that name');
    };
    const toDescriptor = (node) => {
      const called = ast.isPropertyAccessExpression(node.expression) ? node.expression.name.text : node.expression.text;
      if (writers.test(called ?? '') && /^[12]$/.test(node.arguments[0]?.getText(file) ?? ''))
        writes(node, `calls ${called} with descriptor ${node.arguments[0].text}`);
    };
    /** A stream whose type is that of `process.stdout`, by whatever name. */
    const isStandard = (node) => /^(NodeJS\.|tty\.)?WriteStream\b/.test(nameOf(checker, node));
    const isMember = ({ parent }) =>
      ast.isPropertyAccessExpression(parent) && (parent.expression.text === 'console' || parent.name.text === 'console');
    visit(file);
  }
  close();
  if (seen.has('cli/screen.ts'))
    for (const path of doors.keys()) if (!seen.has(path)) faults.push(`src/${path} is not there: scripts/check-terminal.mjs names it`);
  return faults.sort();
}

const isText = (node) =>
  ast.isStringLiteral(node) ||
  ast.isNoSubstitutionTemplateLiteral(node) ||
  ast.isTemplateHead(node) ||
  ast.isTemplateMiddle(node) ||
  ast.isTemplateTail(node);

const nameOf = (checker, node) => {
  const type = checker.getTypeAtLocation(node);
  return type === undefined ? '' : checker.typeToString(type);
};

function main() {
  const { values } = parseArgs({ options: { root: { type: 'string', default: '.' } } });
  const faults = checkTerminal(resolve(values.root));
  for (const fault of faults) console.error(fault);
  console.log(faults.length === 0 ? 'terminal: nothing is given to it as it is' : `terminal: ${faults.length} wrong`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

if (import.meta.filename === process.argv[1]) main();
