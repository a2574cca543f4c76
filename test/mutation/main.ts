// Changes a module in one small place after another and looks whether a test notices: npm run mutate -- [options] [MODULE…]
// A MODULE is a path such as tasks/group; without any: the six files of the kernel. What is known from a former run is not tried again, unless the function has changed.
//   --minutes N    stops after so long, exit code 75; the same command goes on from there
//   --again        tries the survivors once more: after a test was written
//   --tests PARTS  only with the test files whose path has one of these parts, with commas between; then --again with all
//   --list         also prints the mutants that are known to change nothing, with their reasons
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { equivalents } from './equivalent.js';
import { filesOf } from './files.js';
import { Laboratory } from './laboratory.js';
import { hash, hashOf, Memory } from './memory.js';
import { type Mutant, mutantsOf } from './mutants.js';
import { blockAt, noted } from './reach.js';
import { sourceLine } from './source-line.js';

const KERNEL = ['group', 'scope', 'wait', 'waiters', 'border', 'spread'].map((name) => `tasks/${name}`);
/** The tests for the modules of a room: those that run in one process, on a clock of their own. */
const TESTS: Record<string, RegExp> = {
  tasks: /^build\/(src\/tasks\/|test\/tasks\/|test\/against-asyncio\/)/,
  pool: /^build\/src\/(pool|futures)\//,
};
/** Tests of real time, of workers and of other processes: they take long, and under load they fail by themselves. */
const SLOW =
  /real|complaints\.test|bad-input|known-to-all|in-programs|rate-limiter-prop|sync\/lock\.|cancel-size|06-fairness|nobody-starves|no-silent-end|debug-mode|test\/tasks\/debug|calls\.|09-what|types/;

interface Verdict {
  how: 'killed' | 'survived' | 'not reached';
  by?: string;
}

const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string' }, again: { type: 'boolean' }, list: { type: 'boolean' }, tests: { type: 'string' } },
  allowPositionals: true,
});
const until = performance.now() + Number(values.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
const modules = (positionals.length > 0 ? positionals : KERNEL).map((name) => `build/src/${name.replace(/^src\/|\.(ts|js)$/g, '')}.js`);
const laboratory = new Laboratory();
const total = { all: 0, killed: 0, equivalent: 0, left: 0 };
for (const module of modules) await judge(module);
laboratory.end();
console.log(`\n${total.all} mutants: ${total.killed} killed, ${total.equivalent} equivalent, ${total.left} survived`);

function testsFor(module: string): string[] {
  const wanted = TESTS[module.split('/')[2]];
  const paths = ['build/src', 'build/test'].flatMap((folder) => filesOf(folder, '.test.js').map((name) => `${folder}/${name}`));
  const parts = values.tests?.split(',') ?? [''];
  return paths.filter((path) => wanted?.test(path) && !SLOW.test(path) && parts.some((part) => path.includes(part)));
}

async function judge(module: string): Promise<void> {
  const source = readFileSync(module, 'utf8');
  const place = sourceLine(module, source);
  const verdicts = new Memory<Verdict>(`build/mutation/${module.replaceAll('/', '-')}on`);
  const known = equivalents(module);
  const { text: noting, blocks } = noted(source);
  let reached: Map<string, Set<number>> | undefined;
  const left: [Mutant, Verdict][] = [];
  const reasons: [Mutant, string][] = [];
  let killed = 0;
  for (const mutant of mutantsOf(source)) {
    const reason = known.take(mutant);
    if (reason !== undefined) {
      reasons.push([mutant, reason]);
      continue;
    }
    const key = JSON.stringify([mutant.in, mutant.from, mutant.to, mutant.nth]);
    const of = hash(mutant.around);
    let verdict = verdicts.get(key, of);
    if (verdict === undefined || (values.again && verdict.how !== 'killed')) {
      stopIfLate();
      reached ??= await whoReaches(module, noting);
      const block = blockAt(blocks, mutant);
      const files = [...reached].filter(([, blocks]) => block === -1 || blocks.has(block)).map(([file]) => file);
      verdict = files.length === 0 ? { how: 'not reached' } : await tried(module, source, mutant, files, reached);
      verdicts.set(key, of, verdict);
      verdicts.save();
      process.stdout.write(verdict.how === 'killed' ? '.' : 'S');
    }
    if (verdict.how === 'killed') killed++;
    else left.push([mutant, verdict]);
  }
  const all = killed + left.length + reasons.length;
  console.log(`\n${place(0).file}: ${all} mutants, ${killed} killed, ${reasons.length} equivalent, ${left.length} survived`);
  for (const [mutant, { how }] of left) {
    const { file, at } = place(mutant.start);
    const nth = mutant.nth > 0 ? ` (nth: ${mutant.nth})` : '';
    console.log(
      `  ${file}:${at} ${mutant.in}${nth}: ${mutant.kind}${how === 'not reached' ? ', not reached' : ''}\n    - ${mutant.from}\n    + ${mutant.to}`,
    );
  }
  if (values.list)
    for (const [mutant, reason] of reasons) console.log(`  equivalent, ${mutant.in}: ${mutant.from} => ${mutant.to}: ${reason}`);
  for (const entry of known.left()) console.log(`  equivalent.json names a mutant that is none any more: ${JSON.stringify(entry)}`);
  total.all += all;
  total.killed += killed;
  total.equivalent += reasons.length;
  total.left += left.length;
}

interface Reach {
  took: number;
  blocks: number[];
}

/** Which test files come to which blocks, the quickest first. Without any change all have to pass. */
async function whoReaches(module: string, noting: string): Promise<Map<string, Set<number>>> {
  const memory = new Memory<Reach>(`build/mutation/reach-${module.replaceAll('/', '-')}on`);
  const found: [file: string, reach: Reach][] = [];
  for (const file of testsFor(module)) {
    const of = hashOf(module, file);
    let reach = memory.get(file, of);
    for (let attempt = 1; reach === undefined && attempt <= 2; attempt++) {
      const began = performance.now();
      const outcome = await laboratory.ask({ changed: { path: module, text: noting }, files: [file], hits: true });
      if ('passed' in outcome) reach = { took: performance.now() - began, blocks: outcome.passed[file] };
      else if (attempt === 2) console.log(`left out, it does not pass here as it is: ${file}: ${outcome.failed.why}`);
    }
    if (reach === undefined) continue;
    memory.set(file, of, reach);
    memory.save();
    found.push([file, reach]);
  }
  const used = found.sort(([, a], [, b]) => a.took - b.took);
  console.log(`${module}: ${used.length} test files`);
  return new Map(used.map(([file, { blocks }]) => [file, new Set(blocks)]));
}

/** A failure counts if it cannot be the machine’s, or comes again: a mutant is not killed by a busy processor. */
async function tried(module: string, source: string, mutant: Mutant, files: string[], order: Map<string, Set<number>>): Promise<Verdict> {
  const changed = { path: module, text: source.slice(0, mutant.start) + mutant.text + source.slice(mutant.end) };
  for (let left = files; left.length > 0; ) {
    const outcome = await laboratory.ask({ changed, files: left, hits: false });
    if ('passed' in outcome) break;
    const { file, why, isSure } = outcome.failed;
    if (file === '') return { how: 'killed', by: why };
    const isOnVirtualTime = file.startsWith('build/src/');
    const again = isSure && isOnVirtualTime ? outcome : await laboratory.ask({ changed, files: [file], hits: false });
    if ('failed' in again) {
      // It will notice the next one, too.
      const rest = [...order].filter(([other]) => other !== file);
      const first = order.get(file) as Set<number>;
      order.clear();
      for (const [name, blocks] of [[file, first] as const, ...rest]) order.set(name, blocks);
      return { how: 'killed', by: `${file}: ${again.failed.why}` };
    }
    left = left.slice(left.indexOf(file) + 1);
  }
  return { how: 'survived' };
}

function stopIfLate(): void {
  if (performance.now() < until) return;
  console.log('\ntime is up: the same command goes on from here');
  laboratory.end();
  process.exit(75);
}
