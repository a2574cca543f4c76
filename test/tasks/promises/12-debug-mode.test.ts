/**
 * Promise 12: `MEANTIME_DEBUG=1` warns of a step that holds the event loop over 50 ms, of a task whose failure nobody saw, and of a lock that is held at the end of its task; each with the stack where the task was spawned. In
 * processes of their own, since the mode is read at the start.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { program } from './programs.js';

const forms: [kind: string, fn: (name: string, body: string) => string, wait: string][] = [
  ['async', (name, body) => `async function ${name}() {${body}}`, 'await'],
  ['generator', (name, body) => `function* ${name}() {${body}}`, 'yield*'],
];

for (const [kind, fn, wait] of forms) {
  const cases: [what: string, text: string, warning: RegExp][] = [
    [
      'a step that holds the loop',
      `group.spawn(${fn('busy', `${wait} sleep(1); const until = performance.now() + 120; while (performance.now() < until);`)});`,
      /busy #\d+/,
    ],
    [
      'a failure that nobody saw',
      `group.spawn(${fn('first', `${wait} sleep(1); throw new RangeError('first');`)});
       group.spawn(${fn('second', `try { ${wait} sleep(60_000); } finally { throw new RangeError('second'); }`)});`,
      /MEANTIME_UNSEEN_FAILURE.*second #\d+/,
    ],
    [
      'a lock that is held at the end',
      `const lock = new Lock(); group.spawn(${fn('forgetful', `${wait} lock.acquire(); ${wait} sleep(1);`)});`,
      /MEANTIME_LOCK_HELD.*forgetful #\d+/,
    ],
  ];
  for (const [what, text, warning] of cases) {
    const main = `
      import { Lock, run, sleep, withTaskGroup } from 'meantime/tasks';
      function spawnAll(group) { ${text} }
      await run(() => withTaskGroup((group) => spawnAll(group))).catch(() => undefined);
    `;
    test(`12: ${what} is told, with the stack where the task was spawned (${kind})`, async () => {
      const { code, stderr } = await program(main, { MEANTIME_DEBUG: '1' }).end;
      assert.equal(code, 0, stderr);
      assert.match(stderr, warning);
      assert.match(stderr, /spawned[^\n]*---\n(?: +at .*\n)*? +at spawnAll/);
    });

    test(`12: without the mode ${what} is not (${kind})`, async () => {
      const { code, stderr } = await program(main, { MEANTIME_DEBUG: '' }).end;
      assert.deepEqual([code, stderr], [0, '']);
    });
  }
}

test('12: what does nothing of that is not warned of', async () => {
  const { code, stderr } = await program(
    `
    import { Lock, run, sleep, withTaskGroup } from 'meantime/tasks';
    const lock = new Lock();
    await run(() => withTaskGroup((group) => {
      for (let n = 0; n < 10; n++) group.spawn(() => lock.with(() => sleep(1)));
    }));
    await run(() => withTaskGroup((group) => { group.spawn(async () => { throw new RangeError('seen'); }); })).catch(() => undefined);
    `,
    { MEANTIME_DEBUG: '1' },
  ).end;
  assert.deepEqual([code, stderr], [0, '']);
});
