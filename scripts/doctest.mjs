// Makes a test of every example in a fence tagged "ts run": in the doc comments of src/, in README.md and in docs/.
// `expression; // => value` asserts the value; `// => throws Name` and `// => rejects Name` assert a failure by name, class or code.
// The examples are type-checked and land in build/doctest/, one module each, on the lines they have in their source.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { ast, openProject, startOf } from './lib/project.mjs';
import { filesBelow, tsc } from './lib/run.mjs';

const out = 'build/doctest';
const head = "import { fails as fails__, is as is__ } from './assert.js';";

const helper = `import { deepStrictEqual } from 'node:assert/strict';
import { inspect } from 'node:util';

export function is(actual: unknown, expected: unknown, where: string): void {
  try {
    deepStrictEqual(actual, expected);
  } catch {
    throw new Error(\`\${where} gives \${inspect(actual)}, and says => \${inspect(expected)}\`);
  }
}

export async function fails(run: () => unknown, name: string, where: string): Promise<void> {
  let value: unknown;
  try {
    value = await run();
  } catch (error) {
    const { name: own, code, constructor } = error as Error & { code?: unknown };
    if ([own, code, constructor.name].includes(name)) return;
    throw new Error(\`\${where} fails with \${inspect(error)}, and says => \${name}\`, { cause: error });
  }
  throw new Error(\`\${where} gives \${inspect(value)}, and says that it fails with \${name}\`);
}
`;

/** The examples of a text: where the fence is, and the code, each line on its own line number. */
export function examplesOf(text) {
  const found = [];
  let open;
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.replace(/^\s*\* ?/, (prefix) => (open?.plain ? prefix : ''));
    if (open === undefined) {
      if (/^\s*```ts run\s*$/.test(line)) open = { line: i + 1, plain: line === raw, code: new Array(i + 1).fill('') };
    } else if (/^\s*```\s*$/.test(line)) {
      found.push({ line: open.line, code: open.code.join('\n') });
      open = undefined;
    } else open.code.push(line);
  }
  return found;
}

/** Turns the statements that are followed by `// =>` into assertions. */
function withAssertions(file, source) {
  const edits = [];
  for (const claim of file.text.matchAll(/\/\/ => (.+)$/gm)) {
    const statement = file.statements.find((s) => s.end <= claim.index && !file.text.slice(s.end, claim.index).trim());
    const where = `${source}:${file.text.slice(0, claim.index).split('\n').length}`;
    const value = statement && shownBy(statement, file);
    if (value === undefined) throw new Error(`${where}: "// =>" follows no expression, or is not at the top level of its example`);
    const failure = /^(?:throws|rejects) (\w+)$/.exec(claim[1].trim());
    const call = failure
      ? `await fails__(async () => (${value}), '${failure[1]}', '${where}');`
      : `is__((${value}), (${claim[1]}), '${where}');`;
    const keep = ast.isVariableStatement(statement) ? `${textOf(statement, file)} ` : '';
    edits.push({ from: startOf(file, statement), to: claim.index + claim[0].length, text: keep + call });
  }
  let text = file.text;
  for (const { from, to, text: by } of edits.reverse()) text = text.slice(0, from) + by + text.slice(to);
  return text;
}

const textOf = (node, file) => file.text.slice(startOf(file, node), node.end);

/** The expression whose value a statement shows: itself, what it logs, or what it declares. */
function shownBy(statement, file) {
  if (ast.isVariableStatement(statement)) return textOf(statement.declarationList.declarations[0].name, file);
  if (!ast.isExpressionStatement(statement)) return undefined;
  const { expression } = statement;
  const logged = ast.isCallExpression(expression) && textOf(expression.expression, file) === 'console.log';
  return textOf(logged ? expression.arguments[0] : expression, file);
}

function main() {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const sources = ['README.md', ...filesBelow('docs', '.md'), ...filesBelow('src', '.md'), ...filesBelow('src', '.ts')];
  const modules = [];
  for (const source of sources.map((name) => name.replaceAll('\\', '/')).filter((name) => !name.endsWith('.test.ts'))) {
    for (const { line, code } of examplesOf(readFileSync(source, 'utf8'))) {
      const name = `${source.replaceAll('/', '.')}.${line}`;
      modules.push({ name, source, line, code, group: source.split('/').slice(0, -1).slice(0, 2).join('.') || 'README' });
      writeFileSync(`${out}/${name}.ts`, head + code);
    }
  }
  writeFileSync(`${out}/assert.ts`, helper);
  const compilerOptions = { rootDir: '.', outDir: '.', declaration: false, declarationMap: false, sourceMap: false, noUnusedLocals: false };
  writeFileSync(`${out}/tsconfig.json`, JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['.'], exclude: [] }));
  const { file, close } = openProject(`${out}/tsconfig.json`);
  for (const { name, source } of modules) {
    const path = `${process.cwd()}/${out}/${name}.ts`;
    writeFileSync(path, withAssertions(file(path), source));
  }
  close();
  for (const group of new Set(modules.map((m) => m.group))) {
    const tests = modules
      .filter((m) => m.group === group)
      .map((m) => `test('example ${m.source}:${m.line}', async () => void (await import('./${m.name}.js')));`);
    const shared = modules.some((m) => m.group === group && /\bto(Thread|Process)\(/.test(m.code));
    const lines = shared ? ["Object.defineProperty(globalThis, Symbol.for('meantime.test.shared-pools'), { value: true });"] : [];
    writeFileSync(`${out}/${group}.test.ts`, ["import { test } from 'node:test';", ...lines, ...tests, ''].join('\n'));
  }
  process.exitCode = tsc(`${out}/tsconfig.json`);
  console.log(`${modules.length} examples`);
}

if (import.meta.filename === process.argv[1]) main();
