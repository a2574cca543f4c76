// Holds docs/from-asyncio.md to what it says: it has every name of asyncio, what it names exists, and each rule is proven by a test that is there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as futures from 'meantime/futures';
import * as tasks from 'meantime/tasks';
import * as threads from 'meantime/threads';
import { names, question } from './asyncio-names.js';
import { codes, Page, root, rows } from './page.js';

const page = new Page('docs/from-asyncio.md');
const listed = rows(page.section('Every name'));
const onPage = new Set(listed.flatMap(([first]) => codes(first)));
/** The newest version whose names the page knows. */
const KNOWN = [3, 14];

test('every name of asyncio is on the page', () => {
  assert.ok(names.length > 180, 'a list with names in it');
  assert.deepEqual(
    names.filter((name) => !onPage.has(name)),
    [],
  );
});

test('no name on the page is made up', () => {
  const known = new Set(names);
  assert.deepEqual(
    [...onPage].filter((name) => !known.has(name)),
    [],
  );
});

/** What the installed Python says, or why nothing can be had from it. */
function askPython(): { version: number[]; names: string[] } | string {
  const command = process.env.MEANTIME_PYTHON ?? 'python3';
  let answer: { version: number[]; names: string[] };
  try {
    answer = JSON.parse(execFileSync(command, ['-W', 'ignore', '-c', question], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch (error) {
    return `no ${command} that could be asked: ${String(error).split('\n')[0]}`;
  }
  return answer.version[0] === 3 && answer.version[1] >= 11 ? answer : `${command} is ${answer.version.join('.')}, expected 3.11 or newer`;
}

const python = askPython();
test('every name of the asyncio that is installed here is on the page', { skip: typeof python === 'string' && python }, (t) => {
  const { version, names: theirs } = python as Exclude<typeof python, string>;
  const missing = theirs.filter((name) => !onPage.has(name));
  t.diagnostic(`Python ${version.join('.')} has ${theirs.length} names`);
  assert.ok(theirs.length > 150);
  if (version[1] <= KNOWN[1]) assert.deepEqual(missing, []);
  else if (missing.length > 0) t.diagnostic(`names that are newer than this page: ${missing.join(', ')}`);
});

test('every row says what kind of difference it is', () => {
  const kinds = listed.filter((cells) => cells.length === 4).map(([, kind]) => kind);
  assert.ok(kinds.length > 60);
  assert.deepEqual(
    kinds.filter((kind) => !['same', 'name', 'meaning', 'out'].includes(kind)),
    [],
  );
});

test('what the page names instead exists', async () => {
  const lock = new tasks.Lock();
  const condition = new tasks.Condition();
  const source = new futures.FutureSource();
  let inside: Record<string, unknown> = {};
  await tasks.withTaskGroup((group) => {
    const task = group.spawn(() => undefined);
    return tasks.withCancelScope((scope) => {
      inside = { group, task, scope };
    });
  });
  const things: Record<string, unknown> = {
    ...inside,
    lock,
    condition,
    source,
    guard: lock.tryAcquire(),
    future: source.future,
    queue: new tasks.Queue(1),
    event: new tasks.Event(),
    semaphore: new tasks.Semaphore(1),
    barrier: new tasks.Barrier(2),
  };
  const doors: Record<string, unknown> = { ...tasks, ...futures, ...threads };
  /** They are types, or Node's. */
  const others = ['Task', 'Future', 'CancelScope', 'CancelledError', 'TimeoutError', 'NotSettledError', 'Promise', 'MessagePort'];
  const everyday: Record<string, unknown> = await import('meantime');
  const absent: string[] = [];
  let checked = 0;
  for (const [, kind, here, notes] of listed.filter((cells) => cells.length === 4)) {
    if (kind === 'out') continue;
    for (const code of [...codes(here), ...codes(notes)]) {
      const [, name, member] = /^(\w+)(?:\.(\w+))?/.exec(code) ?? [''];
      // In the notes only what is plainly a member of something of ours.
      if (name === undefined || (!codes(here).includes(code) && !(name in things && member !== undefined))) continue;
      checked++;
      if (
        name in things
          ? member !== undefined && member in (things[name] as object)
          : name in doors || name in everyday || others.includes(name)
      )
        continue;
      absent.push(code);
    }
  }
  assert.ok(checked > 60);
  assert.deepEqual(absent, []);
  for (const name of others.slice(3, 6)) assert.ok(name in everyday, name);
});

const rules = rows(page.section('The rules'));

test('the page has the forty-five rules, in order', () => {
  assert.deepEqual(
    rules.map(([number]) => Number(number)),
    Array.from({ length: 45 }, (_, i) => i + 1),
  );
  for (const [number, theirs, ours] of rules) assert.ok(theirs.length > 20 && /^(Same|Better)/.test(ours), `rule ${number}`);
});

/** The tests that a row names: `[file](path): “title”, “title”`. */
function* proofs(number: string, cell: string): Generator<{ path: string; title: string }, void, undefined> {
  let path: string | undefined;
  for (const [, link, title] of cell.matchAll(/\]\(([^)]+)\)|“([^”]+)”/g)) {
    if (link !== undefined) path = page.target(link);
    else if (path !== undefined) yield { path, title: `rule ${number}: ${title}` };
  }
}

test('each rule is proven by a test of that name', () => {
  for (const [number, , , cell] of rules) {
    const named = [...proofs(number, cell)];
    assert.ok(named.length > 0, `rule ${number} names a test`);
    for (const { path, title } of named) {
      const text = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';
      assert.ok(text.includes(`'${title}'`), `${path} has no test '${title}'`);
    }
  }
});

test('each test of a rule is named on the page', () => {
  const named = new Set(rules.flatMap(([number, , , cell]) => [...proofs(number, cell)].map(({ path, title }) => `${path} ${title}`)));
  for (const folder of ['src/tasks/rules', 'test/tasks/rules']) {
    for (const file of readdirSync(join(root, folder)).filter((name) => name.endsWith('.test.ts'))) {
      const titles = [...readFileSync(join(root, folder, file), 'utf8').matchAll(/'(rule \d+: [^']+)'/g)].map(([, title]) => title);
      assert.ok(titles.length > 0, file);
      for (const title of titles) assert.ok(named.has(`${folder}/${file} ${title}`), `"${title}" of ${file} is not on the page`);
    }
  }
});

test('each difference that the comparison with asyncio translates is on the page, and no other', () => {
  const folder = join(root, 'test/against-asyncio');
  const used = new Set<string>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.py'))) {
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, call] of text.matchAll(/\b(?:used|needs\.add)\((.*)\)/g)) {
      for (const [, name] of call.matchAll(/"([\w-]+)"/g)) used.add(name);
    }
  }
  const told = rows(page.section('Held against asyncio itself')).map(([name]) => codes(name)[0]);
  assert.deepEqual(told.sort(), [...used].sort());
});

test('every link of the page leads somewhere', () => {
  for (const link of page.links) {
    if (/^https?:/.test(link)) continue;
    const [path, anchor] = link.split('#');
    if (path !== '') assert.ok(existsSync(join(root, page.target(path))), link);
    else assert.ok(page.anchors.has(anchor), link);
  }
});
