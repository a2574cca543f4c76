import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { fixtures, functions, meantime } from './cli-harness.js';

/** What is typed, and what the answer has to say. */
const mistakes: [string, string[], RegExp][] = [
  ['no function', ['map'], /Expected a function/],
  ['no inputs', ['map', `${functions}#double`], /Expected inputs, got none/],
  ['an unknown command', ['mpa', 'x'], /no command "mpa"; did you mean "map"\?/],
  ['an unknown option', ['map', `${functions}#double`, '--rnage', '1..2'], /no option --rnage; did you mean "--range"\?/],
  ['an option without its value', ['map', `${functions}#double`, '--range'], /--range expects a value/],
  ['a switch with a value', ['map', `${functions}#double`, '1', '--ordered=yes'], /--ordered is a switch/],
  ['an option given twice', ['map', `${functions}#double`, '--range', '1..2', '--range', '1..3'], /--range was given 2 times/],
  ['a range that is none', ['map', `${functions}#double`, '--range', '1-3'], /--range expects FIRST\.\.LAST.*got "1-3"/],
  ['a range that runs away', ['map', `${functions}#double`, '--range', '1..3:-1'], /leads away from 3/],
  ['a time that is none', ['map', `${functions}#double`, '1', '--timeout', 'soon'], /--timeout expects a time.*got "soon"/],
  ['a number that is none', ['map', `${functions}#double`, '1', '--workers', '0'], /--workers expects a whole number from 1 up, got "0"/],
  ['an executor that is none', ['map', `${functions}#double`, '1', '--on', 'fibres'], /--on expects auto, tasks, threads, processes/],
  ['workers on tasks', ['map', `${functions}#double`, '1', '--on', 'tasks', '--workers', '2'], /"workers" has no meaning on "tasks"/],
  ['two kinds of inputs', ['map', `${functions}#double`, '1', '--range', '1..2'], /Expected one kind of inputs, got INPUTS and --range/],
  ['a pattern among plain inputs', ['map', `${functions}#double`, 'a', '*.md'], /Expected files and patterns, or plain inputs/],
  ['a pattern that matches nothing', ['map', `${functions}#double`, '*.nothing'], /No file matches "\*\.nothing"/],
  ['a file that is not there', ['map', `${functions}#double`, '--lines', 'no-such.txt'], /Cannot read no-such\.txt: there is no such file/],
  ['a folder for a file', ['map', `${functions}#double`, '--jsonl', fixtures], /it is a directory/],
  ['a module that is not there', ['map', join(fixtures, 'functoins.mjs'), '1'], /Cannot find the module.*did you mean "functions\.mjs"\?/],
  ['a package that is not there', ['map', 'no-such-package#fn', '1'], /no package of that name is installed here/],
  ['an export that is not there', ['map', `${functions}#duoble`, '1'], /has no export "duoble"; did you mean "double"\?/],
  ['an export like no other', ['map', `${functions}#zzzzzzzz`, '1'], /its functions are .*double/],
  ['no default export', ['map', join(fixtures, 'polluting.mjs'), '1'], /has no default export; name one.*#double/],
  ['an export that is no function', ['map', `${functions}#notAFunction`, '1'], /is not a function: it is of type number/],
  ['a class', ['map', `${functions}#Klass`, '1'], /is a class, and a function was expected/],
  [
    'a module that throws',
    ['map', join(fixtures, 'broken-import.mjs'), '1'],
    /Importing .* failed: Error: no licence for this \(.*broken-import\.mjs:1/,
  ],
  ['to resume nothing', ['map', `${functions}#double`, '1', '--resume'], /only results in a file can be continued/],
  [
    'an input that is an output',
    ['map', `${functions}#double`, '--lines', 'functions.mjs', '--out', './functions.mjs', '--force'],
    /is both an input and an output/,
  ],
  ['one file for two outputs', ['map', `${functions}#double`, '1', '--out', 'x', '--errors', './x'], /two files/],
];

for (const [name, args, expected] of mistakes) {
  test(`${name}: exit code 2 and one paragraph that says what to do`, async () => {
    const { code, stdout, stderr } = await meantime(args, { cwd: fixtures });
    assert.match(stderr, expected);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  });
}

test('map --help names every option and shows examples', async () => {
  const { code, stdout } = await meantime(['map', '--help']);
  assert.equal(code, 0);
  for (const word of ['--lines', '--resume', '--rate', 'Examples', 'Exit code', 'Ctrl-C', '--out']) assert.ok(stdout.includes(word), word);
});

test('--help, help, and no command at all show the commands', async () => {
  for (const [args, expected] of [
    [['--help'], 0],
    [['help'], 0],
    [[], 2],
  ] as const) {
    const { code, stdout } = await meantime(args);
    assert.equal(code, expected);
    assert.match(stdout, /map .*Run a function over many inputs/);
  }
});

test('--version is that of the package', async () => {
  const { version } = (await import('meantime/package.json', { with: { type: 'json' } })).default as { version: string };
  assert.equal((await meantime(['--version'])).stdout.trim(), version);
});
