import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotCallableError, OptionError } from 'meantime';
import { Lock } from 'meantime/tasks';
import { checkLock } from 'meantime/testing';
import { type Faults, HandmadeLock } from './broken-locks.js';
import { Checks } from './failing.js';

const seed = 7;

async function failing(faults: Faults): Promise<string[]> {
  const checks = new Checks();
  checkLock(() => new HandmadeLock(faults), { ...checks, seed, cannot: { generators: 'it is of promises' } });
  return checks.failing();
}

test('a right lock that is not one of ours fails nothing', async () => {
  assert.deepEqual(await failing({}), []);
});

const crowd = 'in a crowd: all are served, in order, and never too many';
const impatient = 'in a crowd where some give up: nobody who stays is forgotten, the order holds, and never too many have it';

/** Each fault, and the promises that it breaks at least. */
const faults: [keyof Faults, string[]][] = [
  [
    'barges',
    ['trying does not get in between a release and the one who waits', 'those who come in every turn do not keep out the one who waits'],
  ],
  ['barges', [crowd, impatient]],
  ['forgets', ['one who waits and is cancelled is told at once, and the others keep their order', impatient]],
  ['forgets', ['cancelled, and then it is released in the same turn: the next one has it']],
  ['lastFirst', ['first come, first served', crowd, impatient]],
  ['tooMany', ['as many hold it as may, and no more', 'a release lets in one', crowd, impatient]],
  ['releasesTwice', ['released twice, it complains, and nobody else is let in']],
  ['leaks', ['with() throws what its function throws, and gives it back']],
  ['ignoresCancel', ['in a cancelled scope nobody gets it, though it is free']],
];

for (const [fault, broken] of faults) {
  test(`a lock that ${fault} fails: ${broken[0]}`, async () => {
    const failed = await failing({ [fault]: true });
    assert.deepEqual(
      broken.filter((name) => !failed.includes(name)),
      [],
      'not noticed',
    );
  });
}

test('what a lock has not is not checked, and the reason is told', () => {
  const checks = new Checks();
  const lock = new Lock();
  const row = checkLock(() => ({ acquire: () => lock.acquire() }), { ...checks, name: 'half', cannot: { cancelling: 'it cannot' } });
  const reasons = new Set(row.map((each) => each.exempt));
  assert.deepEqual([...reasons].sort(), ['it cannot', 'it has no tryAcquire()', 'it has no with()', undefined].sort());
});

test('checkLock says what it expects', () => {
  assert.throws(() => checkLock(new Lock() as never), NotCallableError);
  assert.throws(() => checkLock(() => new Lock(), { permit: 2 } as never), /permits/);
  assert.throws(() => checkLock(() => new Lock(), { permits: 0 }), OptionError);
});
