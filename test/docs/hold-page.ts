import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { codes, Page, root, rows } from './page.js';

/** A page that has every name of a module of Python's, and what it is here. */
export interface PageOfNames {
  readonly path: string;
  /** The names that it has to have. */
  readonly names: readonly string[];
  /** A program that asks Python for them. */
  readonly question: string;
  /** Everything that may stand in the place of a name: what the doors export, and Node's own. */
  readonly doors: Readonly<Record<string, unknown>>;
  /** What instances are called on the page: one of each, to look for their members. */
  things(): Promise<Readonly<Record<string, unknown>>>;
  /** Types, of which nothing is left to look at. */
  readonly types: readonly string[];
}

/** The newest version whose names the pages know. */
const KNOWN = [3, 14];
const KINDS = ['same', 'name', 'better', 'out'];

interface Answer {
  version: number[];
  names: string[];
}

/** What the installed Python says, or why nothing can be had from it. */
function askPython(question: string): Answer | string {
  const command = process.env.MEANTIME_PYTHON ?? 'python3';
  let answer: Answer;
  try {
    answer = JSON.parse(execFileSync(command, ['-W', 'ignore', '-c', question], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch (error) {
    return `no ${command} that could be asked: ${String(error).split('\n')[0]}`;
  }
  return answer.version[0] === 3 && answer.version[1] >= 11 ? answer : `${command} is ${answer.version.join('.')}, expected 3.11 or newer`;
}

/** Holds such a page to what it says. */
export function holdPage({ path, names, question, doors, things, types }: PageOfNames): void {
  const page = new Page(path);
  const listed = rows(page.section('Every name'));
  const onPage = listed.flatMap(([first]) => codes(first));

  test(`${path}: every name is on the page, once`, () => {
    assert.ok(names.length > 60, 'a list with names in it');
    assert.deepEqual(
      names.filter((name) => !onPage.includes(name)),
      [],
    );
    assert.deepEqual(
      onPage.filter((name, i) => onPage.indexOf(name) !== i),
      [],
    );
  });

  test(`${path}: no name on the page is made up`, () => {
    assert.deepEqual(
      onPage.filter((name) => !names.includes(name)),
      [],
    );
  });

  const python = askPython(question);
  test(`${path}: every name that the installed Python has is on the page`, { skip: typeof python === 'string' && python }, (t) => {
    const { version, names: theirs } = python as Answer;
    const missing = theirs.filter((name) => !onPage.includes(name));
    t.diagnostic(`Python ${version.join('.')} has ${theirs.length} names`);
    assert.ok(theirs.length > 60);
    if (version[1] <= KNOWN[1]) assert.deepEqual(missing, []);
    else if (missing.length > 0) t.diagnostic(`names that are newer than this page: ${missing.join(', ')}`);
  });

  test(`${path}: every row has four cells, and says what kind of difference it is`, () => {
    assert.deepEqual(
      listed.filter((cells) => cells.length !== 4 || !KINDS.includes(cells[1])).map(([first]) => first),
      [],
    );
    // What is left out has its reason.
    assert.deepEqual(
      listed.filter(([, kind, , notes]) => kind === 'out' && notes === '').map(([first]) => first),
      [],
    );
  });

  test(`${path}: what the page names instead exists`, async () => {
    const instances = await things();
    const owned = (name: string): unknown => (name in instances ? instances[name] : doors[name]);
    const absent: string[] = [];
    let checked = 0;
    for (const [, , here, notes] of listed) {
      for (const code of [...codes(here), ...codes(notes)]) {
        const [, name, member] = /^(?:new |await )?([A-Za-z]\w*)(?:\.(\w+))?/.exec(code) ?? [];
        if (name === undefined) continue;
        const isOurs = name in instances || name in doors || types.includes(name);
        // In the notes also stand words of Python's: only what is plainly ours is looked for.
        const isMeant =
          codes(here).includes(code) || (isOurs && member !== undefined) || /^(Shared|Process|Thread|Atomic(?!s))\w|\wError$/.test(name);
        if (!isMeant) continue;
        checked++;
        const found = member === undefined ? isOurs : isOurs && member in (Object(owned(name)) as object);
        if (!found) absent.push(code);
      }
    }
    assert.ok(checked > 60);
    assert.deepEqual(absent, []);
  });

  test(`${path}: every link of the page leads somewhere`, () => {
    for (const link of page.links) {
      const [to, anchor] = link.split('#');
      if (to !== '') assert.ok(existsSync(join(root, page.target(to))), link);
      else assert.ok(page.anchors.has(anchor), link);
    }
  });
}
