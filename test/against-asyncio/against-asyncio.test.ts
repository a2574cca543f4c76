import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { differences } from './compare.js';
import { meant } from './differences.js';
import { generate } from './generate.js';
import type { Program, Step } from './program.js';
import { findPython, Python } from './python.js';
import { asRecorded, read } from './recorded.js';
import { type Runtime, virtualRuntime } from './runtime.js';
import { type Case, draw, explain, type Found, hold } from './versus.js';

function wholeNumber(variable: string, otherwise: number): number {
  const text = process.env[variable];
  const value = text === undefined ? otherwise : Number(text);
  assert.ok(Number.isSafeInteger(value) && value > 0, `${variable} is to be a whole number from 1, got ${text}`);
  return value;
}

/** How many programs are drawn in a run. */
const PROGRAMS = wholeNumber('MEANTIME_PROGRAMS', 3000);
/** The first of them; each is drawn from the next number. */
const SEED = wholeNumber('MEANTIME_SEED', 1 + Math.floor(Math.random() * 1e9));

const name = findPython();
const missing = name === undefined ? 'no Python of 3.11 or newer is here (MEANTIME_PYTHON may name one)' : undefined;
let lib: Runtime;
let restore: () => void;
let python: Python | undefined;
let plain: Python | undefined;

before(async () => {
  ({ runtime: lib, restore } = await virtualRuntime());
  if (name === undefined) return;
  python = new Python(name);
  plain = new Python(name, 'plain');
});

after(async () => {
  restore();
  await python?.end();
  await plain?.end();
});

/** The first of these cases in which the two differ. */
async function firstFound(cases: readonly Case[], runtime: Runtime): Promise<{ found: Found; program: Program } | undefined> {
  for (const one of cases) {
    const found = await hold(runtime, one);
    if (found !== undefined) return { found, program: one.program };
  }
  return undefined;
}

test(`${PROGRAMS} random programs do the same in asyncio and in Meantime`, async (t) => {
  console.log(`programs from seed ${SEED} (MEANTIME_SEED=${SEED} runs them again)`);
  if (python === undefined || plain === undefined) {
    console.log(`${missing}: only what was recorded is compared`);
    t.skip(missing);
    return;
  }
  const { cases, answers, redrawn } = await draw(python, SEED, PROGRAMS);
  const first = await firstFound(cases, lib);
  if (first !== undefined) assert.fail(await explain(lib, python, first.found, first.program));
  assert.ok(redrawn < PROGRAMS / 20, `${redrawn} of ${PROGRAMS} programs could not be compared; expected fewer than 5 %`);
  const events = cases.reduce((sum, { trace }) => sum + Object.values(trace.did).flat().length, 0);
  assert.ok(events > PROGRAMS * 10, `${events} events in ${PROGRAMS} programs: too little happens`);
  const uses = new Map<string, [programs: number, times: number]>();
  for (const { rules } of answers) {
    for (const [rule, times] of Object.entries(rules)) {
      assert.ok(Object.hasOwn(meant, rule), `asyncio was translated by a rule that differences.ts does not name: ${rule}`);
      const [programs, all] = uses.get(rule) ?? [0, 0];
      uses.set(rule, [programs + 1, all + times]);
    }
  }
  const untouched = cases.filter((_, i) => Object.keys(answers[i]?.rules ?? {}).length === 0);
  for (const { seed, program, trace } of untouched) {
    const found = differences((await plain.run(program)).trace, trace);
    assert.deepEqual(
      found,
      [],
      `program ${seed} needed no rule, but asyncio as it is ("asyncio") differs from asyncio with them ("Meantime")`,
    );
  }
  console.log(`Python ${await python.version}; ${events} events; ${redrawn} programs drawn anew`);
  console.log(`${untouched.length} programs needed no rule, and did the same in asyncio as it is`);
  for (const [rule, [programs, times]] of [...uses].sort(([, [a]], [, [b]]) => b - a)) {
    console.log(`  ${rule}: ${times} times in ${programs} programs (${meant[rule]?.asyncio})`);
  }
});

test('what asyncio did when it was recorded, Meantime does', async () => {
  const { python: version, cases } = read();
  assert.ok(cases.length >= 300);
  for (const one of cases) {
    const found = await hold(lib, one);
    const where = () => `program ${one.seed} (small), ${found?.form}, recorded with Python ${version}: ${JSON.stringify(one.program)}`;
    assert.deepEqual(found?.differences ?? [], [], where());
  }
});

test('what was recorded, asyncio does today', { skip: missing }, async () => {
  for (const one of read().cases) {
    const { trace } = await (python as Python).run(one.program);
    const now = asRecorded({ ...one, trace });
    assert.deepEqual(
      differences(now.trace, one.trace),
      [],
      `program ${one.seed} (small); recorded.jsonl is out of date, or this Python is another`,
    );
  }
});

test('a runtime that is wrong is found out, also with what was recorded', async (t) => {
  const { cases } = read();
  const wrong: Record<string, Partial<Runtime>> = {
    'a queue that gives the newest item': { Queue: lib.LifoQueue as Runtime['Queue'] },
    'a time limit that is a millisecond late': {
      withTimeout: ((ms: number, fn: never) => lib.withTimeout(ms + 1, fn)) as Runtime['withTimeout'],
    },
    'a shield that shields from nothing': { withShield: ((fn: never) => lib.withTimeout(1e6, fn)) as Runtime['withShield'] },
  };
  for (const [what, part] of Object.entries(wrong)) {
    await t.test(what, async () => {
      assert.ok((await firstFound(cases, { ...lib, ...part })) !== undefined, `expected a difference in ${cases.length} programs`);
    });
  }
});

test('every kind of step is drawn', () => {
  const drawn = new Set<string>();
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    else if (typeof value === 'object' && value !== null) {
      if ('do' in value) drawn.add((value as Step).do);
      Object.values(value).forEach(look);
    }
  };
  for (let seed = 0; seed < 300; seed++) look(Object.values(generate(seed).tasks));
  const kinds =
    'sleep checkpoint acquire get wait meet put join await tryAcquire release tryGet set clear tryPut notify spawn cancel cancelGroup reschedule raise return';
  const blocks = 'hold with condition timeout shield group gather try';
  assert.deepEqual([...drawn].sort(), `${kinds} ${blocks}`.split(' ').sort());
});
