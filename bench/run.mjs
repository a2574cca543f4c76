// Measures Meantime beside its peers: node bench/run.mjs [CASE…] [--quick] [--json FILE] [--strict]. See README.md.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cases } from './cases/index.mjs';
import { threadCpuSource } from './harness/cpu.mjs';
import { machine, versions } from './harness/machine.mjs';
import { columns, page, table } from './harness/report.mjs';
import { runRounds } from './harness/rounds.mjs';

const usage = `Usage: node bench/run.mjs [CASE…] [options]

  --quick      short rounds and few of them, for a smoke test
  --json FILE  where to write every figure (default: bench/RESULTS.json for a full run of all cases, bench/RESULTS-tasks.json for "tasks",
               bench/RESULTS-shared.json for "shared processes", bench/RESULTS-advisor.json for "advisor")
  --strict     exit with 1 if a goal is missed
  --help

A CASE is the name of one, or what the names of several begin with: tasks runs all cases of the runtime for tasks.

A full run of all cases but those of the advisor, which are only run by name, also writes bench/RESULTS.md, one of "tasks" bench/RESULTS-tasks.md, one of "shared processes"
bench/RESULTS-shared.md, one of "advisor" bench/RESULTS-advisor.md. Cases: ${cases.map(({ id }) => id).join(', ')}.`;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

function readCommandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        strict: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return fail(error.message);
  }
}

function fail(message) {
  process.stderr.write(`${message}\n\n${usage}\n`);
  process.exit(2);
}

const { values: options, positionals } = readCommandLine();
if (options.help) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
/** The cases that a word on the command line means: the one of that name, or else all whose names begin with it. */
function casesOf(word) {
  const exact = cases.filter(({ id }) => id === word);
  const meant = exact.length > 0 ? exact : cases.filter(({ id }) => id.startsWith(word));
  return meant.length > 0 ? meant : fail(`There is no case "${word}", and none whose name begins with it.`);
}

const wanted = new Set(positionals.flatMap(casesOf));
if (!existsSync(here('../dist/threads/index.js'))) {
  process.stderr.write('Meantime is not built: run `npm run build` first.\n');
  process.exit(2);
}
if (Object.values(versions()).includes('not installed')) {
  process.stderr.write('Installing the peers under bench/ (npm ci)…\n');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: here('.'),
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.stderr.write('The peers could not be installed: their rows will say so.\n');
}

// What takes as long as all the rest together is only measured when it is named.
const usual = cases.filter(({ apart }) => !apart);
const chosen = positionals.length === 0 ? usual : cases.filter((entry) => wanted.has(entry));
const { quick } = options;
const began = performance.now();
const done = [];
let crashed = false;

for (const entry of chosen) {
  const rounds = quick ? entry.rounds.quick : entry.rounds.full;
  const start = performance.now();
  const samples = await runRounds(entry.contenders({ quick }), rounds, (step) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${entry.id}, ${step}`);
  });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const rows = entry.rows(samples, { quick });
  const tables = entry.tables?.(samples, { quick }) ?? [];
  done.push({
    id: entry.id,
    title: entry.title,
    method: entry.method,
    rounds,
    rows,
    tables,
    samples: samples.rounds,
    failures: samples.failures,
  });
  process.stdout.write(`\n${entry.title} (${entry.id}, ${Math.round((performance.now() - start) / 1000)} s)\n${table(rows)}\n`);
  for (const { title, headings, lines } of tables) process.stdout.write(`\n${title}\n${columns(headings, lines)}\n`);
  for (const { absent, message } of Object.values(samples.failures)) {
    if (absent) continue;
    crashed = true;
    process.stderr.write(`${message}\n`);
  }
}

const run = {
  date: new Date().toISOString().slice(0, 10),
  machine: machine(),
  versions: versions(),
  threadCpu: threadCpuSource,
  quick,
  command: ['npm run bench', ...positionals].join(positionals.length > 0 ? ' -- ' : ''),
  seconds: (performance.now() - began) / 1000,
  cases: done,
};
const whole = positionals.length === 0;
// Pages of their own, so that a part can be measured in ten minutes and not with all the rest.
const pages = { tasks: 'RESULTS-tasks', 'shared processes': 'RESULTS-shared', advisor: 'RESULTS-advisor' };
const name = whole ? 'RESULTS' : pages[positionals.join(' ')];
const json = options.json ?? (name && !quick ? here(`${name}.json`) : undefined);
if (json !== undefined) await writeFile(json, `${JSON.stringify(run, null, 1)}\n`);
if (name && !quick) await writeFile(here(`${name}.md`), page(run));

const goals = done.flatMap(({ rows }) => rows).filter(({ goal }) => goal !== undefined);
const met = goals.filter(({ pass }) => pass === true).length;
process.stdout.write(`\n${met} of ${goals.length} goals are met, in ${Math.round(run.seconds)} s.\n`);
if (crashed || (options.strict && met < goals.length)) process.exitCode = 1;
