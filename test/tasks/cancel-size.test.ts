import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkpoint, sleep, withCancelScope, withTaskGroup } from 'meantime/tasks';

/** Processor time in ms: others on this machine do not count. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What one of `count` costs at its best, in ms. */
async function costOf(count: number, tries: number, work: (count: number) => Promise<void>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < tries; i++) {
    const began = processorTime();
    await work(count);
    best = Math.min(best, (processorTime() - began) / count);
  }
  return best;
}

for (const form of ['async', 'generator']) {
  // In a process of its own: the hooks of the test runner make every promise several times as dear.
  test(`a million tasks of ${form} functions are cancelled, and each costs what one of ten thousand does`, async () => {
    const program = fileURLToPath(new URL('../../../test/fixtures/tasks/cancel-many.mjs', import.meta.url));
    const counts = [10_000, 10_000, 10_000, 1_000_000];
    const { stdout } = await promisify(execFile)(process.execPath, [program, form, ...counts.map(String)]);
    const lines: { ended: number; each: number }[] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map((line) => line.ended),
      counts,
    );
    const many = lines.pop()?.each as number;
    const few = Math.min(...lines.map((line) => line.each));
    // A square would make it a hundred times as much; what a large heap costs is not ours.
    assert.ok(many < few * 15, `${many.toFixed(0)} ns each of a million, ${few.toFixed(0)} of ten thousand`);
  });
}

/** How one level is put into another: the block, and whether its outcome is awaited. */
interface Nesting {
  readonly block: 'scope' | 'group';
  readonly form: 'async' | 'generator';
  readonly isAwaited: boolean;
}

/** Blocks inside of blocks; the innermost waits. All are cancelled from the outermost; each runs its `finally`. */
async function deep(count: number, { block, form, isAwaited }: Nesting): Promise<void> {
  let [begun, ended] = [0, 0];
  const inner = (level: number) => {
    const body = form === 'async' ? nest : nestSteps;
    return block === 'scope'
      ? withCancelScope<unknown>(() => body(level - 1))
      : withTaskGroup((group) => void group.spawn<[number], unknown>(body, level - 1));
  };
  async function nest(level: number): Promise<void> {
    begun++;
    try {
      if (level === 0) await sleep(Number.POSITIVE_INFINITY);
      else if (isAwaited) await inner(level);
      else void inner(level);
    } finally {
      ended++;
    }
  }
  function* nestSteps(level: number): Generator<unknown, void, unknown> {
    begun++;
    try {
      if (level === 0) yield* sleep(Number.POSITIVE_INFINITY);
      else if (isAwaited) yield* inner(level);
      else void inner(level);
    } finally {
      ended++;
    }
  }
  await withCancelScope(async (scope) => {
    const outermost = inner(count);
    while (begun < count) await checkpoint();
    await checkpoint();
    scope.cancel();
    await outermost;
  });
  assert.equal(ended, count);
}

for (const block of ['scope', 'group'] as const) {
  for (const form of ['async', 'generator'] as const) {
    for (const isAwaited of [true, false]) {
      const name = `ten thousand ${block}s inside one another, of ${form} functions${isAwaited ? '' : ', none awaited'}`;
      test(`${name}: cancelled, and each costs what one of five hundred does`, async () => {
        const nesting = { block, form, isAwaited };
        const few = await costOf(500, 5, (count) => deep(count, nesting));
        const many = await costOf(10_000, 3, (count) => deep(count, nesting));
        // A square would make it twenty times as much.
        assert.ok(many < few * 10, `${(many * 1e6).toFixed(0)} ns each of ten thousand, ${(few * 1e6).toFixed(0)} of five hundred`);
      });
    }
  }
}

test('a failure at the bottom of ten thousand groups comes out at the top, as itself', async () => {
  const failure = new Error('at the bottom');
  const nest = async (level: number): Promise<void> => {
    if (level === 0) throw failure;
    await withTaskGroup((group) => void group.spawn(nest, level - 1));
  };
  await assert.rejects(nest(10_000), (error) => error === failure);
});
