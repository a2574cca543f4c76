import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { clock, useClock } from '../../core/index.js';
import type { ChunkSink } from '../../futures/index.js';
import { Gate } from './gate.js';
import { Lane } from './lane.js';
import { type Send, SplitChunk } from './split-chunk.js';

/** Turns of the event loop come when the test says so. */
let turns: (() => void)[] = [];
let back = (): void => undefined;
beforeEach(() => {
  turns = [];
  back = useClock({ ...clock, soon: (fn) => void turns.push(fn) });
});
afterEach(() => back());
const turn = () => {
  for (const fn of turns.splice(0)) fn();
};

interface Sent {
  name: string;
  n: number;
  sink: ChunkSink;
  /** All of them have worked, and took so long together. */
  done(ms: number): void;
}

class Here {
  readonly sent: Sent[] = [];
  readonly send: Send = (fn, inputs, _options, _origin, _stop, sink) => {
    const done = (ms: number) => {
      sink.values(0, inputs);
      sink.ended(ms);
      turn();
    };
    this.sent.push({ name: fn.name, n: inputs.length, sink, done });
    return () => sink.ended(0);
  };
}

const watch = { ended: () => undefined, dropped: () => undefined, rest: () => undefined };
const a = (x: unknown) => x;
const b = (x: unknown) => x;
const chunk = (fn: typeof a, n: number, left?: number) =>
  new SplitChunk(
    fn,
    Array.from({ length: n }, (_, i) => i),
    {},
    {},
    false,
    { inOrder: false, values: () => undefined, failed: () => undefined, ended: () => undefined, left: () => left },
    watch,
  );
const sizes = (here: Here) => here.sent.map(({ name, n }) => `${name} ${n}`);

test('slices grow until they take some 4 ms, by no more than sixteen times at once', () => {
  const here = new Here();
  const lane = new Lane(here.send);
  lane.add(chunk(a, 1000));
  here.sent[0].done(0.001);
  here.sent[1].done(0.016);
  here.sent[2].done(0.256);
  assert.deepEqual(sizes(here), ['a 1', 'a 16', 'a 256', 'a 727'], 'the last is all that is left');
  assert.ok(Math.abs((lane.each ?? 0) - 0.001) < 1e-9);

  const slow = new Here();
  const other = new Lane(slow.send);
  other.add(chunk(a, 1000));
  slow.sent[0].done(0.001);
  slow.sent[1].done(1600);
  assert.deepEqual(sizes(slow), ['a 1', 'a 16', 'a 1'], 'one that came to take long goes alone');
});

test('no more are in progress than the limit, but for those of one slice', () => {
  const here = new Here();
  const lane = new Lane(here.send);
  lane.limit = 3;
  lane.add(chunk(a, 10));
  assert.deepEqual(sizes(here), ['a 1', 'a 1', 'a 1']);
  here.sent[0].done(50);
  assert.equal(here.sent.length, 4);
  lane.limit = 1;
  here.sent[1].done(50);
  here.sent[2].done(50);
  assert.equal(here.sent.length, 4, 'those that are left wait until there is room');
  here.sent[3].done(50);
  assert.equal(here.sent.length, 5);
  lane.limit = 4;
  lane.launch();
  assert.equal(here.sent.length, 8);
  assert.equal(lane.waiting, 2);
});

test('first come, first served', () => {
  const here = new Here();
  const lane = new Lane(here.send);
  lane.add(chunk(a, 2));
  lane.add(chunk(b, 2));
  for (let i = 0; i < 4; i++) here.sent[i].done(30);
  assert.deepEqual(sizes(here), ['a 1', 'a 1', 'b 1', 'b 1']);
  assert.ok(lane.isIdle);
});

test('what is sent and ends within, or adds more within, is launched once each', () => {
  const sent: number[] = [];
  let more = 3;
  const lane: Lane = new Lane((_fn, inputs, _options, _origin, _stop, sink) => {
    sent.push(inputs.length);
    if (more-- > 0) lane.add(chunk(b, 1));
    sink.values(0, inputs);
    sink.ended(30);
    return () => undefined;
  });
  lane.add(chunk(a, 3));
  for (let i = 0; i < 20; i++) turn();
  assert.deepEqual(sent, [1, 1, 1, 1, 1, 1]);
  assert.ok(lane.isIdle);
});

test('while it rests nothing is started, and all goes on after', () => {
  const here = new Here();
  const lane = new Lane(here.send);
  let now = 1000;
  const restore = useClock({ ...clock, now: () => now });
  lane.restUntil = 1100;
  lane.add(chunk(a, 2));
  assert.equal(here.sent.length, 0);
  now = 1100;
  lane.launch();
  assert.equal(here.sent.length, 1);
  restore();
});

test('tells what waits, of which functions, and how much is to come', () => {
  const here = new Here();
  const lane = new Lane(here.send);
  lane.add(chunk(a, 5, 100));
  lane.add(chunk(a, 5, 100));
  lane.add(chunk(b, 5, 7));
  assert.deepEqual([lane.waiting, lane.beyond, [...lane.functions]], [14, 107, [a, b]]);
  lane.add(chunk(b, 1));
  assert.equal(lane.beyond, undefined, 'of one it is not known');
});

test('takes out what has inputs left, of the functions that are asked for', () => {
  const here = new Here();
  const lane = new Lane(here.send);
  const [first, second, third] = [chunk(a, 1), chunk(b, 3), chunk(a, 2)];
  for (const one of [first, second, third]) lane.add(one);
  assert.deepEqual(
    lane.takeAll((fn) => fn === a),
    [third],
  );
  assert.equal(lane.waiting, 3);
  here.sent[0].done(30);
  assert.deepEqual(sizes(here), ['a 1', 'b 1']);
  assert.deepEqual(lane.takeAll(), [second]);
  assert.equal(lane.waiting, 0);
});

test('behind a gate each call needs room of its own, and it waits in line with the others', () => {
  const here = new Here();
  const gate = new Gate(2);
  const lane = new Lane(here.send, gate);
  lane.limit = 4;
  lane.add(chunk(a, 40));
  assert.deepEqual(sizes(here), ['a 1', 'a 1']);
  let left = (): void => undefined;
  const order: string[] = [];
  gate.enter('here', (leave) => {
    order.push('other');
    left = leave;
  });
  here.sent[0].done(0.001);
  assert.deepEqual([sizes(here).length, order], [3, []], 'the lane had asked first');
  here.sent[1].done(0.001);
  assert.deepEqual([sizes(here).length, order], [3, ['other']]);
  left();
  turn();
  here.sent[2].done(0.001);
  assert.deepEqual(sizes(here).slice(3), ['a 1', 'a 1'], 'side by side no more than there is room for');
  for (const { sink } of here.sent.slice(3)) {
    sink.values(0, [0]);
    sink.ended(0.001);
  }
  turn();
  assert.deepEqual(
    here.sent.slice(5).map(({ n }) => n),
    [16],
    'as many as it likes once all room is its own',
  );
  assert.equal(gate.take(1), 0);
  for (let i = 5; i < here.sent.length; i++) here.sent[i].done(0.001);
  assert.equal(
    here.sent.reduce((sum, { n }) => sum + n, 0),
    40,
  );
  assert.equal(gate.take(5), 2, 'all room is back');
});
