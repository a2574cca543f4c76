import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'meantime-terminal-'));
after(() => rmSync(home, { recursive: true }));

/**
 * The things that a terminal obeys: a title, a cleared screen, an overwritten line, a turned
 * direction, and C1's own introducer.
 */
const EVIL = '\u001b]0;title\u0007\u001b[2J\rDone: 9 inputs\u202e\u2066\u009b2J\u007f\u2028\u061c';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const obeyed = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

writeFileSync(
  join(home, 'calls.mjs'),
  `const evil = ${JSON.stringify(EVIL)};
export function fails(input) {
  throw Object.assign(new Error('evil ' + evil + ' ' + input), { name: 'E' + evil, code: evil });
}
export const same = (input) => input;
export { same as ${'"' + 'evil\\u001b[2J' + '"'} };
export const named = { [evil]: () => 1 }[evil];
`,
);
writeFileSync(join(home, 'throws.mjs'), `throw Object.assign(new Error(${JSON.stringify(EVIL)}), { name: ${JSON.stringify(EVIL)} });\n`);
writeFileSync(join(home, `loops${EVIL}.mjs`), 'for (;;);\n');
writeFileSync(
  join(home, 'evil.mjs'),
  `export const evil = ${JSON.stringify(EVIL)};
export class Evil {
  go() { return 1; }
  [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() { throw Object.assign(new Error(evil), { name: evil, detail: evil }); }
}
`,
);
writeFileSync(join(home, 'in.txt'), `${EVIL.replace('\r', '')}\nb\n`);
writeFileSync(join(home, 'bad.jsonl'), `{"a": ${EVIL}\n`);
writeFileSync(join(home, `file ${EVIL.replaceAll('/', '')}.txt`), 'x');
writeFileSync(join(home, 'torn.jsonl.journal'), `{"meantime":1,"function":"${'\\u001b[2J\\u202e'}","inputs":"\\u009b","state":"running"}`);
writeFileSync(join(home, 'torn.jsonl'), '{"index":0,"input":"\\u001b[2J","status":"fulfilled","value":1}\n');

const { resumeLine } = (await import(pathToFileURL(join(process.cwd(), 'build/src/cli/resume-line.js')).href)) as {
  resumeLine(argv: readonly string[]): string;
};
const bin = join(home, 'bin');
mkdirSync(bin);
writeFileSync(join(bin, 'meantime'), `#!${process.execPath}\nprocess.stdout.write(JSON.stringify(process.argv.slice(2)));\n`, {
  mode: 0o755,
});

const commands: string[][] = [
  ['map', './calls.mjs#fails', '--lines', 'in.txt', '--on', 'threads', '--workers', '1'],
  ['map', './calls.mjs#fails', '--lines', 'in.txt', '--on', 'tasks', '--json'],
  ['map', './calls.mjs#same', '*.txt', '--on', 'tasks'],
  ['map', './calls.mjs#same', '--jsonl', 'bad.jsonl', '--on', 'tasks'],
  ['map', './calls.mjs#same', '--lines', 'in.txt', '--out', 'torn.jsonl', '--resume'],
  ['map', './throws.mjs', 'x'],
  ['map', `./loops${EVIL}.mjs`, 'x', '--start-timeout', '50'],
  ['map', `./calls.mjs#${EVIL}`, 'x'],
  ['map', `./${EVIL}.mjs`, 'x'],
  ['map', './calls.mjs#evil', 'x'],
  ['map', './calls.mjs#same', '--lines', EVIL],
  ['map', './calls.mjs#same', 'x', '--workers', EVIL],
  ['map', './calls.mjs#same', 'x', `--${EVIL}`],
  ['map', './calls.mjs#same', 'x', `--quiet=${EVIL}`],
  ['map', './calls.mjs#same', 'x', '--out', join(home, 'nowhere', EVIL, 'out')],
  [EVIL],
  ['advise', './calls.mjs#named', '--lines', 'in.txt', '--budget', '10'],
  ['advise', './calls.mjs#fails', '--lines', 'in.txt', '--budget', '10', '--json'],
  ['compare', './calls.mjs#fails', '--lines', 'in.txt', '--rounds', '1', '--on', 'tasks'],
];

const hasScript = existsSync('/usr/bin/script');
for (const args of commands) {
  const name = JSON.stringify(args.join(' ')).slice(0, 90);
  test(`through a pipe, ${name} gives a terminal nothing to obey`, () => {
    const { stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: home, encoding: 'utf8' });
    assert.ok(!obeyed.test(stdout + stderr), JSON.stringify(stdout + stderr));
    assert.ok(!/^(Done: 9|Ended: 9)/m.test(stdout + stderr));
  });
  test(`on a terminal, ${name} gives it nothing to obey but its own line`, { skip: !hasScript && 'there is no script(1)' }, () => {
    const words = [process.execPath, main, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    const { stdout } = spawnSync('/usr/bin/script', ['-qec', words, '/dev/null'], { cwd: home, encoding: 'utf8' });
    // The line that is redrawn is ours: it begins at the left and clears what is behind it.
    const foreign = stdout.replaceAll('\u001b[K', '');
    assert.ok(foreign.length > 0);
    assert.ok(!obeyed.test(foreign), JSON.stringify(foreign));
  });
}

const library = pathToFileURL(join(process.cwd(), 'dist/index.js')).href;
const warnings: [string, string][] = [
  [
    'a loser of a race',
    `await race([async () => 'won', async () => { throw Object.assign(new Error(evil), { name: evil, code: evil, toString: () => evil }); }]);`,
  ],
  [
    'a failure that nobody saw',
    `await withTaskGroup(async (group) => {
      for (let i = 0; i < 2; i++) group.spawn(async () => { throw Object.assign(new Error(evil), { name: evil }); }, { name: evil });
    }).catch(() => undefined);`,
  ],
  [
    'an object of a manager that cannot be disposed of',
    `const manager = await Manager.start();
    const object = await manager.create(Evil);
    await object.go();
    object[Symbol.dispose]();
    await manager.objects();
    await manager.shutdown();`,
  ],
];
for (const [what, source] of warnings) {
  test(`the warning of ${what} gives a terminal nothing to obey`, () => {
    const file = join(home, 'warns.mjs');
    writeFileSync(
      file,
      `import { Manager, race, withTaskGroup } from ${JSON.stringify(library)};\nimport { Evil, evil } from './evil.mjs';\n${source}\n`,
    );
    const env = { ...process.env, MEANTIME_DEBUG: '1' };
    const { stdout, stderr } = spawnSync(process.execPath, ['--trace-warnings', file], { cwd: home, encoding: 'utf8', env });
    assert.match(stderr, /title/, JSON.stringify(stderr));
    assert.ok(!obeyed.test(stdout + stderr), JSON.stringify(stdout + stderr));
  });
}

const odd = [
  ...['', ' ', '#', '#a', 'a#b', '=a', 'a=b', '~', '~root', '-', '--', '-n', '!', '!!', 'a!b', '*', '?', '[a]', '{a,b}', '$HOME'],
  ...[
    '`id`',
    '$(id)',
    "'",
    "''",
    '"',
    "a'b",
    '\\',
    '\\n',
    'a\nb',
    '\n',
    '\n\n',
    'a\n',
    '\t',
    '\r',
    ';',
    '&',
    '|',
    '<',
    '>',
    '(',
    ')',
    '%s',
    '%',
  ],
  ...['\u001b[2J', '\u0007', '\u007f', '\u009b', '\u202ea', '\u2028', 'ä', '😀', '日本', 'a b', EVIL],
];

test('the line that resumes is, pasted into a shell, the same command line', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1e6);
  console.log(`seed ${seed}`);
  let state = seed;
  const below = (n: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * n);
  };
  const lines: string[][] = odd.map((word) => ['map', './x.mjs#f', '--lines', word]);
  for (let i = 0; i < 30; i++) {
    const word = () => Array.from({ length: 1 + below(4) }, () => odd[below(odd.length)]).join('');
    lines.push(['map', ...Array.from({ length: 1 + below(4) }, word)]);
  }
  for (const shell of ['bash', 'sh'].filter((each) => existsSync(`/bin/${each}`))) {
    for (const argv of lines) {
      const wanted = argv.filter((word) => word !== '--resume');
      const dashes = wanted.indexOf('--');
      wanted.splice(dashes < 0 ? wanted.length : dashes, 0, '--resume');
      const line = resumeLine(argv);
      assert.ok(!obeyed.test(line), JSON.stringify(line));
      const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
      const { stdout, stderr } = spawnSync(`/bin/${shell}`, ['-c', line], { encoding: 'utf8', env });
      assert.deepEqual(JSON.parse(stdout || `"${stderr}"`), wanted, `${shell}: ${line}`);
    }
  }
});
