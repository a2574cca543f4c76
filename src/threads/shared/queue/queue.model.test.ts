import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueClosedError } from '../../../core/index.js';
import { pack, unpack } from '../codec/codec.js';
import { explore, summary } from '../model/explore.js';
import type { Scenario } from '../model/scenario.js';
import { block } from '../waiting.js';
import { CELL_WORDS, CELLS, MEMBERS, PAGE, PAGE_BYTES, PAGE_WORDS, PUTTERS, wordsOf } from './layout.js';
import { QueueCore, shape } from './queue-core.js';
import { GetWaiting, JoinWaiting, PutWaiting } from './queue-waiting.js';

interface State {
  cells: SharedArrayBuffer;
  pages: SharedArrayBuffer;
}

const PAGES = 4;

const queueFor =
  (capacity: number, threads = 3) =>
  (): State => {
    const cells = new SharedArrayBuffer(wordsOf(capacity, PAGES) * 4);
    const words = new Int32Array(cells);
    shape(words, capacity, PAGES);
    // They are known already: what there is to explore is not how they come to be.
    for (let thread = 1; thread <= threads; thread++) words[MEMBERS + thread] = thread;
    return { cells, pages: new SharedArrayBuffer(PAGES * PAGE_BYTES) };
  };

/** An item that says who put it, and as which of its items; a large one has the same bytes all over. */
const item = (n: number, large: boolean): unknown => (large ? new Uint8Array(300).fill(n) : n);
const numberOf = (value: unknown): number => {
  if (!(value instanceof Uint8Array)) return value as number;
  assert.ok(value.length === 300 && value.every((byte) => byte === value[0]), 'an item that is half one and half another');
  return value[0];
};

/** What a thread does: a list of functions, each of which knows nothing of those before. They tell what they put, as a number, and what they got, below 0; or nothing. */
type Part = (state: State) => number;

const live =
  (body: (core: QueueCore) => unknown) =>
  ({ cells, pages }: State): number => {
    try {
      return Number(body(new QueueCore(new Int32Array(cells), pages)) ?? 0);
    } catch (error) {
      if (!(error instanceof QueueClosedError)) throw error;
      return 0;
    }
  };

const putting = (items: number[], large = false): Part[] =>
  items.map((n) =>
    live((core) => {
      block(new PutWaiting('put', core, pack(item(n, large))), undefined);
      return n;
    }),
  );
const trying = (items: number[], large = false): Part[] => items.map((n) => live((core) => (core.tryPut(pack(item(n, large))) ? n : 0)));
const getting = (count: number): Part[] =>
  Array.from({ length: count }, () => live((core) => -numberOf(block(new GetWaiting('get', core), undefined))));
const looking = (count: number): Part[] =>
  Array.from({ length: count }, () =>
    live((core) => {
      const packed = core.tryGet();
      return packed && -numberOf(unpack(packed));
    }),
  );
const closing = live((core) => core.close());
const done = live((core) => core.taskDone());
const joining = live((core) => block(new JoinWaiting('join', core), undefined));

/** `sent`: what each thread tries to put, by its place. */
type Queues = Omit<Scenario<State>, 'check' | 'setup'> & { sent: number[][]; capacity?: number };

const scenarios: Queues[] = [
  { name: 'try, 2 producers, 1 consumer', sent: [[1], [2]], threads: [trying([1]), trying([2]), looking(2)] },
  { name: 'try, 1 producer, 2 consumers', sent: [[1, 2]], threads: [trying([1, 2]), looking(1), looking(1)], capacity: 2 },
  {
    name: 'try, 2 producers, 1 consumer, a death',
    maxStates: 1_000_000,
    sent: [[1], [2]],
    threads: [trying([1]), trying([2]), looking(2)],
    deaths: 1,
    capacity: 2,
  },
  {
    name: 'try, 1 producer, 2 consumers, a death',
    sent: [[1, 2]],
    threads: [trying([1, 2]), looking(1), looking(1)],
    deaths: 1,
    capacity: 2,
  },
  { name: 'try, 1 producer, 1 consumer, 2 deaths', sent: [[1, 2]], threads: [trying([1, 2]), looking(2)], deaths: 2 },
  { name: 'wait, 1 producer, 1 consumer', sent: [[1, 2]], threads: [putting([1, 2]), getting(2)] },
  { name: 'wait, 2 producers, 1 consumer', sent: [[1], [2]], threads: [putting([1]), putting([2]), getting(2)] },
  { name: 'wait, 1 producer, 2 consumers', sent: [[1, 2]], threads: [putting([1, 2]), getting(1), getting(1)] },
  {
    name: 'wait, 2 producers, of which one may die, 1 consumer',
    sent: [[1], [2]],
    threads: [putting([1]), putting([2]), getting(1)],
    deaths: 1,
    mortal: [0],
  },
  {
    name: 'wait, 1 producer, 2 consumers, of which one may die',
    sent: [[1, 2]],
    threads: [putting([1, 2]), getting(1), getting(1)],
    deaths: 1,
    mortal: [1],
  },
  {
    name: 'close, 1 producer who closes, 2 consumers',
    sent: [[1, 2]],
    threads: [[...putting([1, 2]), closing], getting(3), getting(3)],
  },
  {
    name: 'close, 2 producers, of which one is refused, 1 consumer who closes',
    sent: [[1, 2], [3]],
    threads: [putting([1, 2]), putting([3]), [...getting(1), closing, ...getting(3)]],
  },
  {
    name: 'close, 1 producer who may die, another who closes, 1 consumer',
    sent: [[1], []],
    threads: [trying([1]), [closing], getting(2)],
    deaths: 1,
    mortal: [0],
  },
  { name: 'large items, 1 producer, 1 consumer', maxStates: 200_000, sent: [[1, 2]], threads: [putting([1, 2], true), getting(2)] },
  {
    name: 'large items, try, 2 producers, 1 consumer, a death',
    sent: [[1], [2]],
    threads: [trying([1], true), trying([2], true), looking(1)],
    deaths: 1,
    capacity: 2,
  },
  {
    name: 'join, 1 producer who joins, 1 consumer',
    sent: [[1]],
    threads: [
      [...putting([1]), joining],
      [...getting(1), done],
    ],
  },
  {
    name: 'join, 1 producer who joins, 1 consumer who may die before it has it',
    sent: [[1]],
    threads: [[...putting([1]), joining], looking(1)],
    deaths: 1,
    mortal: [1],
    mayDeadlock: true,
  },
];

for (const { sent, capacity = 1, ...scenario } of scenarios) {
  test(`model: queue: ${scenario.name}`, (t) => {
    const explored = explore<State>({
      maxSchedules: 3_000,
      ...scenario,
      maxStates: Number(process.env.MODEL_STATES ?? scenario.maxStates ?? 500_000),
      setup: queueFor(capacity, scenario.threads.length),
      // Who sleeps in a line knows where, and what it does there; that its function does only this.
      forgets: ({ cells }, { buffer }, at) => buffer === cells && at >= PUTTERS && at < CELLS,
      check: (state, outcomes) => {
        const told = outcomes.map((outcome) => {
          const parts = outcome.ended === 'returned' ? (outcome.value as number[]) : [];
          return { put: parts.filter((n) => n > 0), got: parts.filter((n) => n < 0).map((n) => -n) };
        });
        // The model knows only the words that threads have touched: it must find the others as they were.
        const before = new Int32Array(state.cells).slice();
        const core = new QueueCore(new Int32Array(state.cells), state.pages);
        const { unfinished } = core;
        const left = drain(core);
        const gone = told.flatMap(({ got }) => got).concat(left);
        assert.equal(new Set(gone).size, gone.length, `an item came twice: ${gone}`);
        const all = told.flatMap(({ put }) => put);
        const missing = all.filter((n) => !gone.includes(n));
        // Who dies has told nothing; so what it got is missing here, and what it put may be here.
        const quiet = outcomes.filter(({ ended }, at) => ended !== 'returned' && sent[at] === undefined).length;
        assert.ok(missing.length <= 2 * quiet, `lost: ${missing}`);
        const extra = gone.filter((n) => !all.includes(n));
        const mayBe = sent.filter((_, at) => outcomes[at].ended !== 'returned').flat();
        assert.ok(
          extra.every((n) => mayBe.includes(n)),
          `from nowhere: ${extra}`,
        );
        for (const { got } of [...told, { got: left }])
          for (const items of sent) {
            const mine = got.filter((n) => items.includes(n));
            assert.deepEqual(mine, [...mine].sort(), 'items of one producer in another order');
          }
        if (outcomes.every(({ ended }) => ended === 'returned')) {
          assert.equal(unfinished, scenario.name.startsWith('join') ? 0 : all.length);
          assert.deepEqual([core.putters.size, core.getters.size, core.joiners.size], [0, 0, 0], 'somebody is left in a line');
          assert.ok(core.putters.isEmpty && core.getters.isEmpty, 'a line says that somebody is in it');
        }
        leavesNoPages(state, capacity);
        new Int32Array(state.cells).set(before);
      },
    });
    t.diagnostic(summary(explored));
  });
}

/** What whoever comes afterwards finds. The dead are known by now. */
function drain(core: QueueCore): number[] {
  core.monitor.within(() => core.sweep(true));
  const left: number[] = [];
  try {
    for (let packed = core.tryGet(); packed !== undefined; packed = core.tryGet()) left.push(numberOf(unpack(packed)));
  } catch (error) {
    if (!(error instanceof QueueClosedError)) throw error;
  }
  return left;
}

/** When all has been taken out, all of the memory can be had again, also what a dead thread had. */
function leavesNoPages({ cells, pages }: State, capacity: number): void {
  const words = new Int32Array(cells);
  for (let cell = 0; cell < capacity; cell++) assert.equal(words[CELLS + CELL_WORDS * cell + PAGE], 0);
  const core = new QueueCore(words, pages);
  if (core.ring.closed) return;
  const claim = core.monitor.within(() => core.claim(PAGES * PAGE_BYTES));
  assert.ok(
    claim !== undefined,
    `memory is lost: ${words.slice(CELLS + CELL_WORDS * capacity, CELLS + CELL_WORDS * capacity + PAGES * PAGE_WORDS)}`,
  );
}
