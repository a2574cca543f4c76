import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ChunkSink } from '../../futures/index.js';
import { OrderedSink } from './ordered-sink.js';
import { type Send, SplitChunk, type Watch } from './split-chunk.js';

type Answer = [at: number, what: string];

/** What a map would hear. In order it insists on that, as the map engine does. */
class Heard implements ChunkSink {
  readonly answers: Answer[] = [];
  readonly inOrder: boolean;
  ended: ChunkSink['ended'];
  endings = 0;
  next = 0;

  constructor(inOrder: boolean) {
    this.inOrder = inOrder;
    this.ended = () => {
      this.endings++;
    };
  }

  values(from: number, values: ArrayLike<unknown>): void {
    for (let i = 0; i < values.length; i++) this.#put([from + i, `value ${values[i]}`]);
  }

  failed(at: number, error: unknown): void {
    this.#put([at, `error ${error}`]);
  }

  #put(answer: Answer): void {
    assert.equal(this.endings, 0, 'answered after its end');
    if (this.inOrder) assert.equal(answer[0], this.next++);
    this.answers.push(answer);
  }
}

class Counts implements Watch {
  done = 0;
  failures = 0;
  gone = 0;
  rests = 0;
  onRest: (chunk: SplitChunk) => void = () => undefined;

  ended(calls: number, error?: { reason: unknown }): void {
    if (error) this.failures += calls;
    else this.done += calls;
  }

  dropped(calls: number): void {
    this.gone += calls;
  }

  rest(chunk: SplitChunk): void {
    this.rests++;
    this.onRest(chunk);
  }

  get all(): number {
    return this.done + this.failures + this.gone;
  }
}

/** An executor in the test's hand. */
class Place {
  readonly pieces: { inputs: readonly unknown[]; sink: ChunkSink; cancelled: unknown[] }[] = [];
  readonly send: Send = (_fn, inputs, _options, _origin, _stop, sink) => {
    const piece = { inputs, sink, cancelled: [] as unknown[] };
    this.pieces.push(piece);
    return (reason) => piece.cancelled.push(reason);
  };
}

const fn = (x: unknown) => x;
const make = (n: number, { inOrder = false, stop = false } = {}) => {
  const heard = new Heard(inOrder);
  const watch = new Counts();
  const inputs = Array.from({ length: n }, (_, i) => i);
  return { heard, watch, chunk: new SplitChunk(fn, inputs, {}, {}, stop, heard, watch) };
};

test('pieces go to several places, and to its map they are one chunk', () => {
  const { heard, watch, chunk } = make(5, { inOrder: true });
  const [here, there] = [new Place(), new Place()];
  const landed: number[] = [];
  chunk.send(2, here.send, (ms) => landed.push(ms));
  assert.equal(chunk.left, 3);
  chunk.send(3, there.send);
  assert.deepEqual(
    [here.pieces[0].inputs, there.pieces[0].inputs],
    [
      [0, 1],
      [2, 3, 4],
    ],
  );
  there.pieces[0].sink.values(0, ['c', 'd']);
  assert.deepEqual(heard.answers, [], 'what comes early waits for its turn');
  here.pieces[0].sink.values(0, ['a']);
  here.pieces[0].sink.failed(1, 'b');
  here.pieces[0].sink.ended(7);
  there.pieces[0].sink.values(2, ['e']);
  assert.equal(heard.endings, 0);
  there.pieces[0].sink.ended(5);
  assert.deepEqual(heard.answers, [
    [0, 'value a'],
    [1, 'error b'],
    [2, 'value c'],
    [3, 'value d'],
    [4, 'value e'],
  ]);
  assert.deepEqual([heard.endings, landed, watch.done, watch.failures, watch.gone], [1, [7], 4, 1, 0]);
});

test('one piece of all gets the inputs themselves, not a copy', () => {
  const heard = new Heard(false);
  const inputs = [1, 2, 3];
  const place = new Place();
  new SplitChunk(fn, inputs, {}, {}, false, heard, new Counts()).send(3, place.send);
  assert.equal(place.pieces[0].inputs, inputs);
});

test('cancelled midway: what is out is cancelled, what is not never goes, and nothing is told any more', () => {
  const { heard, watch, chunk } = make(6);
  const place = new Place();
  chunk.send(2, place.send);
  chunk.send(1, place.send);
  place.pieces[0].sink.values(0, ['a']);
  chunk.cancel('enough');
  assert.equal(chunk.left, 0);
  assert.deepEqual(
    place.pieces.map(({ cancelled }) => cancelled),
    [['enough'], ['enough']],
  );
  assert.deepEqual([watch.done, watch.gone], [1, 5], 'whoever waits for calls does not wait for those that are cancelled');
  place.pieces[0].sink.failed(1, 'cancelled');
  place.pieces[0].sink.ended(1);
  assert.equal(heard.endings, 0);
  place.pieces[1].sink.rest?.(0);
  place.pieces[1].sink.ended(1);
  assert.deepEqual([heard.endings, watch.rests, watch.all], [1, 0, 6]);
  assert.deepEqual(heard.answers, [[0, 'value a']]);
  chunk.cancel('again');
  assert.deepEqual([heard.endings, watch.all], [1, 6]);
});

test('a piece that is cancelled while it is being sent is cancelled all the same', () => {
  const { watch, chunk } = make(3);
  const cancelled: unknown[] = [];
  chunk.send(1, (_fn, _inputs, _options, _origin, _stop, sink) => {
    chunk.cancel('at once');
    return (reason) => {
      cancelled.push(reason);
      sink.ended(0);
    };
  });
  assert.deepEqual(cancelled, ['at once']);
  assert.equal(watch.gone, 3);
});

test('stopped by its first failure: what is before goes on and is told, what is after is cancelled and not told', () => {
  const { heard, watch, chunk } = make(8, { inOrder: true, stop: true });
  const place = new Place();
  for (const n of [2, 2, 2]) chunk.send(n, place.send);
  const [first, second, third] = place.pieces;
  third.sink.values(0, ['e', 'f']);
  second.sink.failed(0, 'c');
  assert.equal(chunk.left, 0);
  assert.deepEqual([first.cancelled.length, second.cancelled.length, third.cancelled.length], [0, 0, 1]);
  assert.deepEqual(heard.answers, []);
  first.sink.values(0, ['a', 'b']);
  second.sink.values(1, ['d']);
  for (const { sink } of place.pieces) sink.ended(1);
  assert.deepEqual(heard.answers, [
    [0, 'value a'],
    [1, 'value b'],
    [2, 'error c'],
  ]);
  assert.deepEqual([heard.endings, watch.all], [1, 8]);
});

test('a rest that comes back goes out again, but not after a failure that ends all', () => {
  const { heard, watch, chunk } = make(5, { inOrder: true });
  const place = new Place();
  watch.onRest = (of) => {
    while (of.left > 0) of.send(1, place.send);
  };
  chunk.send(1, place.send);
  assert.equal(place.pieces[0].sink.rest, undefined, 'only the last piece may be given back');
  chunk.send(4, place.send);
  const [first, last] = place.pieces;
  last.sink.values(0, ['b']);
  last.sink.rest?.(1);
  last.sink.ended(200);
  assert.deepEqual([watch.rests, place.pieces.slice(2).map(({ inputs }) => inputs)], [1, [[2], [3], [4]]]);
  for (const { sink } of place.pieces.slice(2).reverse()) {
    sink.values(0, ['x']);
    sink.ended(1);
  }
  first.sink.values(0, ['a']);
  first.sink.ended(1);
  assert.deepEqual([heard.answers.length, heard.endings, watch.done, watch.all], [5, 1, 5, 5]);

  const other = make(4, { inOrder: true, stop: true });
  const there = new Place();
  other.chunk.send(2, there.send);
  other.chunk.send(2, there.send);
  there.pieces[0].sink.failed(0, 'no');
  there.pieces[1].sink.rest?.(1);
  there.pieces[1].sink.ended(1);
  there.pieces[0].sink.ended(1);
  assert.deepEqual([other.watch.rests, other.heard.answers, other.heard.endings, other.watch.all], [0, [[0, 'error no']], 1, 4]);
});

test('what is not out can be made to fail', () => {
  const { heard, watch, chunk } = make(4, { inOrder: true });
  const place = new Place();
  chunk.send(2, place.send);
  chunk.fail('over');
  place.pieces[0].sink.values(0, ['a', 'b']);
  place.pieces[0].sink.ended(1);
  assert.deepEqual(heard.answers.slice(2), [
    [2, 'error over'],
    [3, 'error over'],
  ]);
  assert.deepEqual([heard.endings, watch.done, watch.failures], [1, 2, 2]);
});

test('whatever comes in whatever order: each input is answered for once, in order where that is asked, and all are counted', () => {
  const plan = fc.record({
    n: fc.integer({ min: 1, max: 12 }),
    inOrder: fc.boolean(),
    stop: fc.boolean(),
    sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 12 }),
    fails: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
    lots: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
    cancelAt: fc.option(fc.nat(20)),
    restAt: fc.option(fc.nat(3)),
  });
  fc.assert(
    fc.property(plan, ({ n, inOrder, stop, sizes, fails, lots, cancelAt, restAt }) => {
      const { heard, watch, chunk } = make(n, { inOrder, stop });
      const place = new Place();
      const answered = new Map<ChunkSink, number>();
      let [size, lot, step, rested] = [0, 0, 0, false];
      const sendAll = () => {
        while (chunk.left > 0) chunk.send(Math.min(chunk.left, sizes[size++ % sizes.length]), place.send);
      };
      watch.onRest = sendAll;
      sendAll();
      const open = new Set(place.pieces);
      for (;;) {
        for (const piece of place.pieces) if (!answered.has(piece.sink)) open.add(piece);
        const all = [...open];
        if (all.length === 0) break;
        if (step++ === cancelAt) chunk.cancel('cancelled');
        const piece = all[lots[lot++ % lots.length] % all.length];
        const at = answered.get(piece.sink) ?? 0;
        const isOver = at === piece.inputs.length || piece.cancelled.length > 0;
        const givesBack = !rested && restAt !== null && at === restAt && piece.sink.rest !== undefined;
        answered.set(piece.sink, at + 1);
        if (isOver || givesBack) {
          if (givesBack && !isOver) {
            rested = true;
            piece.sink.rest?.(at);
          }
          open.delete(piece);
          piece.sink.ended(1);
        } else if (fails[Number(piece.inputs[at])]) {
          piece.sink.failed(at, piece.inputs[at]);
          // As executors do: the first failure ends what they have.
          if (stop) {
            open.delete(piece);
            piece.sink.ended(1);
          }
        } else piece.sink.values(at, [piece.inputs[at]]);
      }
      assert.equal(heard.endings, 1);
      assert.equal(watch.all, n);
      assert.equal(new Set(heard.answers.map(([at]) => at)).size, heard.answers.length, 'nothing twice');
      const first = fails.indexOf(true);
      const failsAt = first < 0 ? n : Math.min(first, n);
      if (cancelAt === null && (!stop || failsAt === n)) assert.equal(heard.answers.length, n, 'nothing lost');
      if (cancelAt === null && stop && inOrder && failsAt < n) {
        assert.ok(heard.answers.length <= failsAt + 1);
        for (const [at, what] of heard.answers) assert.equal(what, at === failsAt ? `error ${at}` : `value ${at}`);
      }
      for (const [at, what] of heard.answers) assert.equal(what, fails[at] ? `error ${at}` : `value ${at}`);
    }),
    { numRuns: 3000 },
  );
});

test('OrderedSink brings runs of values and failures into order', () => {
  let ready = 0;
  const told: string[] = [];
  const sink = new OrderedSink(
    {
      inOrder: true,
      values: (from, values) => {
        assert.equal(from, ready);
        ready += values.length;
        told.push(`${from}+${values.length}`);
      },
      failed: (at) => {
        assert.equal(at, ready++);
        told.push(`${at} failed`);
      },
      ended: () => undefined,
    },
    false,
  );
  sink.values(4, [4, 5]);
  sink.failed(3, 'no');
  sink.values(1, [1, 2]);
  assert.deepEqual(told, []);
  sink.values(0, [0]);
  assert.deepEqual(told, ['0+1', '1+2', '3 failed', '4+2']);
});
