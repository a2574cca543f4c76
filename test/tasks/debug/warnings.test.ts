import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertSilent, play, type Told } from './debug-mode.js';

/** On a machine with much else to do any step may take long: those warnings are looked at by themselves. */
const withoutSlow = ({ warnings }: Told): Told['warnings'] => warnings.filter(({ code }) => code !== 'MEANTIME_SLOW_STEP');

/** The part of a warning below one of its headings. */
function section(text: string, heading: string): string {
  const start = text.indexOf(`--- ${heading} ---`);
  assert.notEqual(start, -1, `no "${heading}" in ${text}`);
  return text.slice(start).split('\n    ---')[0];
}

describe('debug mode', { concurrency: true }, () => {
  test('warns of each step that holds the loop over 50 ms, with the stack of what ran and of where its task was spawned', async () => {
    const { warnings: told, stdout, stderr } = await play('slow-steps.mjs', true);
    // The step that starts all others does not measure itself; a machine that is too busy makes it
    // a slow one.
    const warnings = told.filter(({ text }) => !text.includes('A step of main #'));
    const named = warnings.map(({ code, text }) => `${code} ${/A step of .*?(\w+) #\d+ held/.exec(text)?.[1]}`);
    // By its own measure; on a machine that is too busy also some of those that are meant to be quick.
    const slow = stdout.trim().split('\n');
    assert.deepEqual(
      named,
      slow.map((name) => `MEANTIME_SLOW_STEP ${name}`),
      stderr,
    );
    const meant = ['atItsStart', 'afterSleep', 'afterLock', 'afterForeign', 'inBlock', 'generatorStep', 'generatorStart'];
    assert.deepEqual(slow.slice(0, meant.length), meant);
    warnings.splice(meant.length);
    let sampled = 0;
    for (const [i, name] of meant.entries()) {
      const { text } = warnings[i];
      const ms = Number(/held the event loop for (\d+) ms/.exec(text)?.[1]);
      assert.ok(ms >= 85, text);
      if (text.includes('what ran, by samples')) {
        sampled++;
        const ran = section(text, 'what ran, by samples');
        assert.match(ran, name === 'generatorStep' ? /nested .*slow-steps\.mjs:\d+/ : /slow-steps\.mjs:\d+/);
      }
      assert.match(section(text, 'where it was spawned'), /slow-steps\.mjs:\d+:\d+/);
      assert.doesNotMatch(text, /dist\//, 'no frames of our own');
    }
    assert.ok(sampled >= 3, 'a busy machine may leave the sampler no time, but not each time');
    assert.match(section(warnings[1].text, 'where it paused last'), /afterSleep .*slow-steps\.mjs:\d+/);
    assert.match(section(warnings[5].text, 'where it paused last'), /nested .*slow-steps\.mjs:\d+.*\n.*generatorStep /);
    assert.match(warnings[4].text, /withTimeout of 10000 ms in inBlock #/);
  });

  test('warns of a failure that nobody saw, with both stacks; not of one that was asked for, awaited or collected', async () => {
    const told = await play('unseen-failures.mjs', true);
    const { stdout, stderr } = told;
    const warnings = withoutSlow(told);
    assert.equal(stdout, 'Error: of thrown, Error: of asked\ncaught of awaited\n2 collected\n');
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['MEANTIME_UNSEEN_FAILURE'],
      stderr,
    );
    const { text } = warnings[0];
    assert.match(text, /^UnseenFailure: overlooked #\d+ has failed, and nobody saw it: another failure was thrown \(Error: of thrown\)/);
    assert.match(section(text, 'the failure'), /Error: of overlooked\n\s+at .*unseen-failures\.mjs:\d+/);
    assert.match(section(text, 'where it was spawned'), /unseen-failures\.mjs:\d+/);
  });

  test('a program that ends by a failure still says which others there were', async () => {
    const told = await play('unseen-failures.mjs', true, 'uncaught');
    const { stderr } = told;
    const warnings = withoutSlow(told);
    assert.equal(warnings.length, 2, stderr);
    assert.match(stderr, /Error: of uncaught/);
    assert.match(warnings[1].text, /^UnseenFailure: behind it #\d+ has failed/);
  });

  test('warns of a lock that is held at the end of its task, with where it was taken', async () => {
    const told = await play('held-locks.mjs', true);
    const nameOf = (text: string): string | undefined => /: (\w+) #/.exec(text)?.[1];
    const warnings = withoutSlow(told).sort((a, b) => (a.text < b.text ? -1 : 1));
    const names = ['fails', 'forgetful', 'forgetfulToo'];
    assert.deepEqual(
      warnings.map(({ code, text }) => `${code} ${nameOf(text)}`),
      names.map((name) => `MEANTIME_LOCK_HELD ${name}`),
      told.stderr,
    );
    for (const [i, name] of names.entries()) {
      assert.match(section(warnings[i].text, 'where it was taken'), new RegExp(`${name} .*held-locks\\.mjs:\\d+`));
      assert.match(section(warnings[i].text, 'where the task was spawned'), /held-locks\.mjs:\d+/);
    }
  });

  test('warns of a cancelled task that is still parked on a foreign await, with where; not of those that react or clean up', async () => {
    const told = await play('still-parked.mjs', true);
    const { stdout, stderr } = told;
    const warnings = withoutSlow(told);
    assert.deepEqual(
      warnings.map(({ code, text }) => `${code} ${/(\w+) #\d+ was cancelled/.exec(text)?.[1]}`),
      ['stuck', 'stuckInBlock'].map((name) => `MEANTIME_STILL_PARKED ${name}`),
      stderr,
    );
    const [first, second] = warnings.map(({ text }) => text);
    assert.match(first, /stuck #\d+ was cancelled .* still parked on a foreign await/);
    assert.match(section(first, 'parked at'), /query .*still-parked\.mjs:7[\s\S]*stuck .*still-parked\.mjs:14/);
    assert.match(section(first, 'where it was spawned'), /main .*still-parked\.mjs:12|still-parked\.mjs:12/);
    assert.match(second, /withTimeout of 60000 ms in stuckInBlock #/);
    assert.match(
      stdout,
      /stuck #2: cancelled, still parked on a foreign await at query \(.*still-parked\.mjs:7:\d+\), spawned at .*still-parked\.mjs:12:\d+/,
    );
    assert.match(stdout, /cleansUp #\d+: cancelled, waits for what is inside\n.*a shield: waits for sleep for \d+ ms, \d+ ms to go/);
  });

  for (const program of ['slow-steps.mjs', 'unseen-failures.mjs', 'held-locks.mjs', 'still-parked.mjs']) {
    test(`without MEANTIME_DEBUG ${program} warns of nothing`, () => assertSilent(program));
  }

  test('without it the tree says that a task is parked, and not where', async () => {
    const { stdout } = await play('still-parked.mjs', false);
    assert.match(stdout, /stuck #2: cancelled, still parked on a foreign await$/m);
  });
});
