import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotCallableError, OptionError } from 'meantime';
import { Queue } from 'meantime/tasks';
import { checkQueue } from 'meantime/testing';
import { type Faults, HandmadeQueue } from './broken-queues.js';
import { Checks } from './failing.js';

const seed = 7;

async function failing(faults: Faults): Promise<string[]> {
  const checks = new Checks();
  checkQueue((capacity) => new HandmadeQueue(capacity, faults), { ...checks, seed, cannot: { generators: 'it is of promises' } });
  return checks.failing();
}

test('a right queue that is not one of ours fails nothing', async () => {
  assert.deepEqual(await failing({}), []);
});

const crowd = 'in a crowd: every item once, and nobody waits for what is there';
const impatient = 'in a crowd where some give up: the same';

/** Each fault, and the promises that it breaks at least. */
const faults: [keyof Faults, string[]][] = [
  ['barges', ['trying does not get in between', 'who puts and gets in one turn takes nothing from the one who waits']],
  ['forgets', ['one who waits to get and is cancelled takes nothing: the item is the next one’s', impatient]],
  ['tooLarge', ['a full one makes the next wait until there is room', crowd, impatient]],
  ['lastFirst', ['what is put leaves in its order']],
  ['putsAnyway', ['one who waits to put and is cancelled has put nothing: the room is the next one’s', impatient]],
  ['drops', ['closed, it refuses what is put and gives what it holds, and then refuses those who get']],
];

for (const [fault, broken] of faults) {
  test(`a queue that ${fault} fails: ${broken[0]}`, async () => {
    const failed = await failing({ [fault]: true });
    assert.deepEqual(
      broken.filter((name) => !failed.includes(name)),
      [],
      'not noticed',
    );
  });
}

test('what a queue has not is not checked, and the reason is told', () => {
  const row = checkQueue((capacity) => new HandmadeQueue(capacity), { ...new Checks() });
  const reasons = new Set(row.map((each) => each.exempt));
  assert.deepEqual([...reasons].sort(), ['it has no Symbol(Symbol.asyncIterator)', 'it has no taskDone', undefined].sort());
});

test('checkQueue says what it expects', () => {
  assert.throws(() => checkQueue(new Queue(1) as never), NotCallableError);
  assert.throws(() => checkQueue((capacity) => new Queue(capacity), { order: 'random' as never }), OptionError);
});
