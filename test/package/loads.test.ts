import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Door, doors, measure, pinned } from './doors.js';

const loaded = new Map<string, Door>();
const load = (door: string): Door => {
  if (!loaded.has(door)) loaded.set(door, measure(door));
  return loaded.get(door) as Door;
};

for (const door of doors()) {
  test(`${door} loads the modules and the built-ins that are pinned`, () => {
    const { modules, packages, builtins } = load(door);
    const pin = pinned(door);
    assert.deepEqual(
      { modules, packages, builtins },
      { modules: pin.modules, packages: pin.packages, builtins: pin.builtins },
      'npm run pin',
    );
  });

  test(`${door} loads no package until it is needed`, () => {
    assert.deepEqual(load(door).packages, []);
  });

  test(`${door} does not load the inspector until a function has to be found`, () => {
    assert.ok(!load(door).builtins.includes('inspector'));
  });
}

const without: [string, string[]][] = [
  ['meantime', ['worker_threads', 'child_process', 'net', 'http']],
  ['meantime/futures', ['worker_threads', 'child_process', 'net', 'http']],
  ['meantime/tasks', ['worker_threads', 'child_process', 'net', 'http']],
  ['meantime/batch', ['worker_threads', 'child_process', 'net', 'http']],
  ['meantime/threads', ['child_process', 'net', 'http']],
];

for (const [door, names] of without) {
  test(`${door} does not load ${names.join(', ')}`, () => {
    const { builtins } = load(door);
    assert.deepEqual(
      names.filter((name) => builtins.includes(name)),
      [],
    );
  });
}
