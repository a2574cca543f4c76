// Holds the layout: which room may import which, through which door, and which names only a seam may use.
// node scripts/check-arrows.mjs [--root DIR] [--graph | --write]
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cycles } from './lib/cycles.mjs';
import { ast, lineOf, openProject, startOf } from './lib/project.mjs';

/** Floor, and what a room may import. A room below may never import one above. */
export const rooms = {
  core: [0, []],
  futures: [1, ['core']],
  wire: [1, ['core']],
  trace: [1, ['core']],
  tasks: [2, ['futures', 'core']],
  pool: [2, ['futures', 'wire', 'core']],
  threads: [3, ['pool', 'wire', 'futures', 'core']],
  processes: [3, ['pool', 'wire', 'futures', 'core']],
  cluster: [3, ['wire', 'futures', 'core']],
  advisor: [4, ['threads', 'processes', 'tasks', 'futures', 'wire', 'trace', 'core']],
  testing: [4, ['tasks', 'futures', 'threads', 'trace', 'core']],
  batch: [5, ['advisor', 'threads', 'processes', 'tasks', 'futures', 'trace', 'core']],
  cli: [6, 'all'],
};
/** What a far side (`*.entry.ts`) may load, beside files of its own room that keep to the same. */
const far = ['wire', 'core'];
/** The same for what makes handles again (`handles.entry.ts`): a worker loads it when the first handle comes, and their methods give Futures. */
const farHandles = [...far, 'futures'];
/** The door of `wire` that only a far side uses: what a worker needs and no more. */
const farDoor = 'wire/far.ts';
/** Name -> the only files of src that may use it. */
const seams = new Map([
  ...['setTimeout', 'setInterval', 'setImmediate', 'Date.now', 'new Date()', 'performance.now'].map((name) => [name, ['core/clock.ts']]),
  ['Math.random', ['core/random.ts']],
  // A write may write less than it was asked to. The first three go on until nothing is left; the last has a method of that name.
  ...['writeSync', 'writev', 'writevSync', 'node:fs write', 'fs.write'].map((name) => [
    name,
    ['core/write-all.ts', 'batch/outputs/sink.ts', 'processes/emptied.ts', 'threads/shared/shared-rw-lock.ts'],
  ]),
  ['Atomics', ['wire/claims.ts', 'threads/shared/atomics.ts', 'threads/shared/life.ts', 'processes/emptied.ts']],
]);
/** The only file that may listen to a signal, by `addEventListener('abort')` or `onabort`: a listener for each wait makes Node warn of a leak. */
const listens = 'core/on-abort.ts';
/** Assigning a property of a built-in throws where it is frozen: the only file that does looks first. */
const builtIns = ['Error', 'Object', 'Array', 'Promise', 'Function', 'globalThis', 'global'];
const assigns = 'core/stack-limit.ts';
const hidden = ['timers', 'timers/promises'];
const [LONG, TOO_LONG] = [300, 500];

/** Every complaint about the tree under `root` (with a tsconfig.json, a package.json and src/). */
export function checkArrows(root) {
  const src = join(root, 'src');
  const at = (file) => relative(src, file.fileName).replaceAll('\\', '/');
  const roomOf = (path) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '');
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const reasons = join(root, 'scripts/big-files.json');
  const big = existsSync(reasons) ? JSON.parse(readFileSync(reasons, 'utf8')) : {};
  const [faults, warnings, edges] = [[], [], new Map()];
  const { files, close } = openProject(join(root, 'tsconfig.json'));

  for (const file of files) {
    const path = at(file);
    if (path.endsWith('.test.ts') || path.startsWith('..')) continue;
    const say = (node, text) => faults.push(`src/${path}:${lineOf(file.text, startOf(file, node))} ${text}`);
    const room = roomOf(path);
    if (room !== '' && !Object.hasOwn(rooms, room))
      faults.push(`src/${path}:1 "${room}" is not a room: add it to scripts/check-arrows.mjs`);
    const lines = file.text.split('\n').length - 1;
    if (lines > TOO_LONG && !big[path])
      faults.push(`src/${path}:1 ${lines} lines; over ${TOO_LONG} needs a reason in scripts/big-files.json`);
    else if (lines > LONG) warnings.push(`src/${path}:1 ${lines} lines: is it still one idea?`);
    edges.set(path, []);

    const arrow = (node, specifier, isLoaded) => {
      if (!specifier.startsWith('.')) {
        const name = specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/');
        if (specifier.startsWith('node:')) {
          if (hidden.includes(specifier.slice(5))) say(node, `imports ${specifier}: time comes from core/clock.ts`);
        } else if (!Object.hasOwn(dependencies, name)) say(node, `imports "${specifier}", which is not in dependencies of package.json`);
        return;
      }
      const target = relative(src, resolve(dirname(file.fileName), specifier)).replace(/\.js$/, '.ts');
      const to = roomOf(target);
      edges.get(path).push({ target, isLoaded });
      if (to === room) return;
      const allowed = room === '' ? 'all' : (rooms[room]?.[1] ?? []);
      if (target === 'index.ts' && room !== 'cli') say(node, 'imports src/index.ts: only users do');
      else if (allowed !== 'all' && !allowed.includes(to))
        say(node, `room "${room}" may not import "${to}" (allowed: ${allowed.join(', ') || 'nothing'})`);
      else if (target === farDoor && path.endsWith('.entry.ts')) return;
      else if (target !== `${to}/index.ts` && target !== 'index.ts')
        say(node, `enters room "${to}" past its door: import ${to}/index.js, not ${target}`);
    };

    const seam = (node, name) => {
      const allowed = seams.get(name);
      if (allowed && !allowed.includes(path)) say(node, `names ${name}, which only ${allowed.join(', ')} may`);
    };

    const visit = (node) => {
      if ((ast.isImportDeclaration(node) || ast.isExportDeclaration(node)) && node.moduleSpecifier) {
        arrow(node, node.moduleSpecifier.text, !isTypeOnly(node));
        for (const { name, propertyName } of node.importClause?.namedBindings?.elements ?? []) {
          seam(node, `${node.moduleSpecifier.text} ${(propertyName ?? name).text}`);
        }
        if (ast.isExportDeclaration(node) && !node.exportClause) say(node, 'exports *: a door lists its names');
      } else if (ast.isCallExpression(node) && node.expression.kind === ast.SyntaxKind.ImportKeyword) {
        if (ast.isStringLiteral(node.arguments[0])) arrow(node, node.arguments[0].text, false);
      } else if (ast.isBinaryExpression(node) && node.operatorToken.kind === ast.SyntaxKind.EqualsToken && assignsTo(node.left, builtIns)) {
        if (path !== assigns) say(node, `assigns ${node.left.getText(file)}, which throws where it is frozen: only ${assigns} may`);
      } else if (ast.isCallExpression(node) && listensToAbort(node) && path !== listens) {
        say(node, `adds a listener for 'abort': listen to a signal with onAbort of ${listens}`);
      } else if (ast.isImportTypeNode(node)) arrow(node, node.argument.literal.text, false);
      else if (ast.isPropertyAccessExpression(node)) {
        const owner = node.expression.getText(file);
        seam(node, `${owner}.${node.name.text}`);
        if (owner === 'globalThis' || owner === 'global') seam(node, node.name.text);
        if (/\bfs\b/.test(owner)) seam(node, node.name.text);
        if (node.name.text === 'onabort' && path !== listens) say(node, `names onabort: listen to a signal with onAbort of ${listens}`);
        visit(node.expression);
        return; // the property's own name is not a use of a global
      } else if (ast.isNewExpression(node) && node.expression.getText(file) === 'Date' && !node.arguments?.length) seam(node, 'new Date()');
      else if (ast.isIdentifier(node)) seam(node, node.text);
      node.forEachChild(visit);
    };
    visit(file);
  }
  close();

  for (const path of edges.keys()) if (path.endsWith('.entry.ts')) for (const text of strays(path, edges, roomOf)) faults.push(text);
  for (const cycle of cycles(edges)) faults.push(`src/${cycle[0]}:1 import cycle: ${[...cycle, cycle[0]].join(' -> ')}`);
  return { faults: faults.sort(), warnings };
}

/** Whether it is a property of one of these names. */
const assignsTo = (left, names) =>
  ast.isPropertyAccessExpression(left) && ast.isIdentifier(left.expression) && names.includes(left.expression.text);

const isText = (node) => ast.isStringLiteral(node) || ast.isNoSubstitutionTemplateLiteral(node);

/** Whether a call adds a listener for `abort`, by whatever name: of an EventTarget, of an emitter, or `once` and `on` of node:events. */
function listensToAbort({ expression, arguments: given }) {
  const called = ast.isPropertyAccessExpression(expression) ? expression.name : expression;
  const adds = ['addEventListener', 'addListener', 'addAbortListener', 'on', 'once'];
  if (!ast.isIdentifier(called) || !adds.includes(called.text)) return false;
  return called.text === 'addAbortListener' || given.slice(0, 2).some((argument) => isText(argument) && argument.text === 'abort');
}

/** Whether nothing of an import or export is left at run time. */
const isTypeOnly = (node) => node.isTypeOnly || node.importClause?.phaseModifier === ast.SyntaxKind.TypeKeyword;

/** What an entry file loads that a far side must not. */
function strays(entry, edges, roomOf) {
  const [seen, found] = [new Set([entry]), []];
  const allowed = entry.endsWith('/handles.entry.ts') ? farHandles : far;
  for (const path of seen) {
    for (const { target, isLoaded } of edges.get(path) ?? []) {
      const to = roomOf(target);
      if (!allowed.includes(to) && (to !== roomOf(entry) || target.endsWith('/index.ts'))) {
        found.push(`src/${path}:1 imports ${target}, and ${entry} runs on the far side: only ${allowed.join(', ')} and its own files`);
      } else if (isLoaded && !allowed.includes(to)) seen.add(target);
    }
  }
  return found;
}

/** The rooms that are there, floor by floor, and what each may import. */
export function graph(root) {
  const there = Object.keys(rooms).filter((room) => existsSync(join(root, 'src', room)) && readdirSync(join(root, 'src', room)).length > 0);
  const lines = ['floor  room       may import'];
  for (const room of there.sort((a, b) => rooms[b][0] - rooms[a][0])) {
    const [floor, allowed] = rooms[room];
    const names = allowed === 'all' ? 'every room' : allowed.filter((name) => there.includes(name)).join(', ') || '-';
    lines.push(`${String(floor).padEnd(7)}${room.padEnd(11)}${names}`);
  }
  return lines.join('\n');
}

const marks = /(<!-- rooms -->\n```text\n)([\s\S]*?)(\n```\n<!-- \/rooms -->)/;

function main() {
  const { values } = parseArgs({
    options: { root: { type: 'string', default: '.' }, graph: { type: 'boolean' }, write: { type: 'boolean' } },
  });
  const root = resolve(values.root);
  if (values.graph) return console.log(graph(root));
  const page = join(root, 'ARCHITECTURE.md');
  const text = existsSync(page) ? readFileSync(page, 'utf8') : undefined;
  if (values.write)
    return writeFileSync(
      page,
      text.replace(marks, (_, head, __, tail) => head + graph(root) + tail),
    );
  const { faults, warnings } = checkArrows(root);
  if (text !== undefined && marks.exec(text)?.[2] !== graph(root))
    faults.push('ARCHITECTURE.md: its picture of the rooms is stale: npm run graph');
  for (const warning of warnings) console.warn(`warning: ${warning}`);
  for (const fault of faults) console.error(fault);
  console.log(faults.length === 0 ? 'arrows: as they should be' : `arrows: ${faults.length} wrong`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

if (import.meta.filename === process.argv[1]) main();
