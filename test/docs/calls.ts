import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './page.js';

/** A call that a page shows in its running text or in a table. */
export interface Shown {
  readonly where: string;
  readonly code: string;
}

/** What stands on a page: the names that its instances go by, as declarations, and the doors that its names are from, the nearest first. */
export interface Scene {
  readonly doors: readonly string[];
  readonly declarations: string;
}

const tsc = join(root, 'node_modules/typescript/bin/tsc');
const folder = join(root, 'build/shown-calls');

/** The calls in backticks outside of fences; those of a table's first column, where that is a list of another language's names, are not ours. */
export function callsOn(path: string, text: string, isOurs: (name: string) => boolean): Shown[] {
  const found: Shown[] = [];
  let inFence = false;
  for (const [i, line] of text.split('\n').entries()) {
    if (/^\s*```/.test(line)) inFence = !inFence;
    if (inFence) continue;
    const read = /(^|\/)from-/.test(path) ? line.replace(/^\|[^|]*\|/, '') : line;
    for (const [, raw] of read.matchAll(/`([^`]+)`/g)) {
      const code = raw.replaceAll('\\|', '|');
      if (code.includes('…') || code.includes('...)') || !code.includes('(')) continue;
      const [, first] =
        /^(?:await |new |await using |for await \(const \w+ of |if \(|const [\w{}, ]+ = |using [\w]+ = )*([A-Za-z_]\w*)/.exec(code) ?? [];
      if (first !== undefined && isOurs(first)) found.push({ where: `${path}:${i + 1}`, code });
    }
  }
  return found;
}

/** The fences of a page that are shown as code of a user's and are not run: those tagged `js`, where the examples that are run are tagged `ts run`. */
export function fencesOn(path: string, text: string): Shown[] {
  return [...text.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(({ 1: code, index }) => ({
    where: `${path}:${text.slice(0, index).split('\n').length}`,
    code,
  }));
}

/** As it would be written: `timeout?` stands for what may be left out. */
function asStatement(code: string): string {
  const whole = code.replace(/(\w)\?(?=\s*[,)}])/g, '$1').replace(/;$/, '');
  // A function is called `name()` where it is only named.
  if (/^\w+\(\)$/.test(whole)) return `${whole.slice(0, -2)};`;
  return /^(for await|if) \(/.test(whole) ? `${whole} {}` : `${whole};`;
}

/**
 * Checks their types. What is not known in them stands for anything.
 *
 * @returns what is wrong, by the place where it stands.
 */
export function typeErrors(calls: readonly Shown[], sceneOf: (path: string) => Scene): string[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const pages = new Map<string, Shown[]>();
  const isModule = ({ code }: Shown) => code.startsWith('import ');
  for (const { where, code } of calls.filter(isModule)) writeFileSync(join(folder, `${where.replaceAll(/[/.:]/g, '_')}.ts`), code);
  for (const each of calls.filter((shown) => !isModule(shown))) {
    const page = each.where.slice(0, each.where.lastIndexOf(':'));
    pages.set(page, [...(pages.get(page) ?? []), each]);
  }
  const unknown = new Map<string, Set<string>>();
  const write = (): void => {
    for (const [page, shown] of pages) {
      const { doors, declarations } = sceneOf(page);
      const lines = [
        ...doors.map((door, i) => `import * as d${i} from '${door}';`),
        declarations,
        ...[...(unknown.get(page) ?? [])].map((name) => `declare const ${name}: ${name === 'args' ? 'any[]' : 'any'};`),
        ...shown.map(({ where, code }, i) => `// ${where}\nexport async function c${i}() { ${asStatement(code)} }`),
      ];
      writeFileSync(join(folder, `${page.replaceAll(/[/.]/g, '_')}.ts`), lines.join('\n'));
    }
  };
  const options = {
    rootDir: '.',
    outDir: '.',
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    noEmit: true,
    strict: true,
    noImplicitAny: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    composite: false,
    incremental: false,
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions: options, include: ['.'], exclude: [] }),
  );
  const check = (): string[] =>
    spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' }).stdout.split('\n');
  write();
  const missing = /^(\S+?)\(\d+,\d+\): error TS(?:2304|2552|18004|2663): .*?'(\w+)'/;
  for (const line of check()) {
    const [, file, name] = missing.exec(line) ?? [];
    const page = file && [...pages.keys()].find((each) => file.endsWith(`${each.replaceAll(/[/.]/g, '_')}.ts`));
    if (page === undefined) continue;
    if (!unknown.has(page)) unknown.set(page, new Set());
    unknown.get(page)?.add(name);
  }
  write();
  return check().filter((line) => /error TS/.test(line));
}
