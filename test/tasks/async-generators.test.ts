/** Async generators that are iterated inside a group are closed when the group ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cancellable, defer, Queue, run, sleep, type TaskGroup, withShield, withTaskGroup } from 'meantime/tasks';

/** An async generator with something to clean up, and its way out. */
async function* numbers(seen: string[], wait: () => PromiseLike<unknown>): AsyncGenerator<number> {
  try {
    for (let n = 0; ; n++) {
      yield n;
      await wait();
    }
  } finally {
    await withShield(() => sleep(1));
    seen.push('closed');
  }
}

const ways: [name: string, consume: (group: TaskGroup, seen: string[]) => void][] = [
  [
    'while the consumer waits',
    (group, seen) => {
      group.spawn(async () => {
        for await (const n of numbers(seen, () => sleep(0))) if (n === 3) await sleep(60_000);
      });
    },
  ],
  [
    'while the generator waits',
    (group, seen) => {
      group.spawn(async () => {
        for await (const _ of numbers(seen, () => sleep(60_000)));
      });
    },
  ],
  [
    'while the generator waits for somebody else’s promise',
    (group, seen) => {
      const never = new Promise(() => {});
      group.spawn(async () => {
        for await (const _ of numbers(seen, () => cancellable(never)));
      });
    },
  ],
  [
    'while it waits to put what it has into a full queue',
    (group, seen) => {
      const queue = new Queue<number>(2);
      group.spawn(async () => {
        for await (const n of numbers(seen, () => sleep(0))) await queue.put(n);
      });
    },
  ],
  [
    'one generator around another',
    (group, seen) => {
      async function* doubled(): AsyncGenerator<number> {
        try {
          for await (const n of numbers(seen, () => sleep(0))) yield 2 * n;
        } finally {
          seen.push('outer closed');
        }
      }
      group.spawn(async () => {
        for await (const n of doubled()) if (n === 4) await sleep(60_000);
      });
    },
  ],
];

for (const [name, consume] of ways) {
  for (const [end, stop] of [
    ['cancelled', (group: TaskGroup) => void group.cancel()],
    [
      'failed',
      (group: TaskGroup) =>
        void group.spawn(() => {
          throw new RangeError('failed');
        }),
    ],
  ] as const) {
    test(`an async generator in a group that is ${end}, ${name}: it is closed when the group ends`, async () => {
      const seen: string[] = [];
      await withTaskGroup(async (group) => {
        consume(group, seen);
        await sleep(5);
        assert.deepEqual(seen, []);
        stop(group);
      }).catch((error) => assert.equal(`${end}: ${error.message}`, 'failed: failed'));
      assert.deepEqual(seen, name.startsWith('one') ? ['closed', 'outer closed'] : ['closed']);
    });
  }
}

test('an async generator that is iterated by hand is closed with `defer`', async () => {
  const seen: string[] = [];
  await withTaskGroup(async (group) => {
    group.spawn(async () => {
      const iterator = numbers(seen, () => sleep(0));
      defer(() => iterator.return(undefined));
      assert.deepEqual((await iterator.next()).value, 0);
    });
  });
  assert.deepEqual(seen, ['closed']);
});

test('a break closes it at once, and the group goes on', async () => {
  const seen: string[] = [];
  await run(() =>
    withTaskGroup(async () => {
      for await (const n of numbers(seen, () => sleep(0))) if (n === 2) break;
      seen.push('after the loop');
    }),
  );
  assert.deepEqual(seen, ['closed', 'after the loop']);
});
