import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { expandBraces } from './braces.js';
import { walk } from './walk.js';

const env = { ...process.env, LC_ALL: 'C.UTF-8' };
const probe = spawnSync('bash', ['-c', 'echo $BASH_VERSINFO'], { encoding: 'utf8', env });
const skip = probe.status === 0 && Number(probe.stdout) >= 5 ? false : 'there is no bash from version 5 on to compare with';

/** A pattern as it is typed into a shell: what means nothing in a pattern is quoted. */
function typed(pattern: string): string {
  return pattern.replace(/\\?./gsu, (text) => {
    const char = text.at(-1) as string;
    if (text === '\\') return '\\\\';
    if (char === '\n') return "$'\\n'";
    if (text.length > 1 && text.startsWith('\\')) return text;
    return /[\w*?[\]{},.!^/:-]|[^\0-\x7f]/u.test(text) ? text : `\\${text}`;
  });
}

/**
 * The files that bash finds for each pattern, without the directories, and without a word that is
 * no file.
 */
function bash(patterns: readonly string[], cwd: string): string[][] {
  const one = (pattern: string) => `set -- ${typed(pattern)}; [ $# -gt 0 ] && printf '%s\\0' "$@"; printf '\\0'`;
  const script = `shopt -s globstar nullglob\n${patterns.map(one).join('\n')}\n`;
  const out = execFileSync('bash', ['-s'], { cwd, env, input: Buffer.from(script), encoding: 'latin1', maxBuffer: 2 ** 28 });
  const lists: string[][] = [[]];
  for (const word of out.split('\0').slice(0, -1)) {
    if (word === '') lists.push([]);
    else if (isFile(`${cwd}/${word}`)) lists.at(-1)?.push(word);
  }
  return lists.slice(0, -1).map((words) => [...new Set(words.map(ours))].sort());
}

function isFile(path: string): boolean {
  if (path.endsWith('/')) return false;
  const bytes = Buffer.from(path, 'latin1');
  for (const look of [statSync, lstatSync]) {
    try {
      return !look(bytes).isDirectory(); // a link that leads nowhere is a file
    } catch {
      // Not there, by this way of looking.
    }
  }
  return false;
}

const ours = (bytes: string): string => Buffer.from(bytes, 'latin1').toString();

const char = fc.constantFrom(...'abA1.- []{}(),*?!^\\\n#~$é', 'e\u0301', '\u{1f600}');
const name = fc.string({ unit: char, minLength: 1, maxLength: 4 }).filter((text) => text !== '.' && text !== '..');
const plain = fc.string({ unit: fc.constantFrom(...'ab.'), minLength: 1, maxLength: 2 }).filter((text) => text !== '.' && text !== '..');
const path = fc.array(fc.oneof({ weight: 2, arbitrary: plain }, name), { minLength: 1, maxLength: 3 });
const entry = fc.record({ path, kind: fc.constantFrom('file', 'file', 'file', 'directory', 'link'), to: path, up: fc.nat(2) });

const many = { minLength: 3, maxLength: 25 };
const tree = fc.oneof(
  fc.array(entry, many),
  fc.array(
    entry.filter(({ kind }) => kind !== 'link'),
    many,
  ),
);

const part = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('*', '**', '?', '.*', '*.*', '..', '.', '[ab]*', '[!a]*', '{a,b}', '{a..c}', '[[:alpha:]]*') },
  { weight: 2, arbitrary: plain },
  {
    weight: 4,
    arbitrary: fc.string({
      unit: fc.oneof(char, fc.constantFrom('*', '?', '[', ']', '{', ',', '}', '[a-c]', '\\')),
      minLength: 1,
      maxLength: 7,
    }),
  },
);
const pattern = fc
  .array(part, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'))
  // bash finds nothing through a slash that is quoted.
  .filter((text) => !text.includes('\\/'));

function grow(root: string, entries: readonly { path: string[]; kind: string; to: string[]; up: number }[]): void {
  for (const { path: parts, kind, to, up } of entries) {
    const at = join(root, ...parts);
    try {
      mkdirSync(kind === 'directory' ? at : join(at, '..'), { recursive: true });
      if (kind === 'file') writeFileSync(at, '');
      if (kind === 'link') symlinkSync(join('../'.repeat(up), ...to), at);
    } catch (error) {
      // Two entries want one name, one of them as a directory: the first one has it.
      if (!['EEXIST', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENOENT'].includes((error as NodeJS.ErrnoException).code as string)) throw error;
    }
  }
}

test('whatever the tree and the pattern, the files are those that bash finds', { skip }, async () => {
  await fc.assert(
    fc.asyncProperty(tree, fc.array(pattern, { minLength: 20, maxLength: 20 }), async (entries, patterns) => {
      const top = mkdtempSync(join(tmpdir(), 'meantime-'));
      // Deep enough for patterns and links that go up.
      const root = join(top, '1/2/3/4/5/6/7/8/9');
      mkdirSync(root, { recursive: true });
      try {
        grow(root, entries);
        const expected = bash(patterns, root);
        const hasLinks = entries.some(({ kind }) => kind === 'link');
        for (const [i, text] of patterns.entries()) {
          if (hasLinks && /.\*\*/s.test(text)) continue; // there bash itself goes into links that `**` comes to first
          const found: string[] = [];
          for (const word of expandBraces(text)) for (const { name } of await walk(word, root)) found.push(name);
          assert.deepEqual([...new Set(found)].sort(), expected[i], `pattern ${JSON.stringify(text)}, typed ${typed(text)}`);
        }
      } finally {
        rmSync(top, { recursive: true });
      }
    }),
    { numRuns: Number(process.env.RUNS ?? 60) },
  );
});
