import assert from 'node:assert/strict';
import type { Random } from '../../core/index.js';
import { now, sleep, type Task, type TaskGroup, withTaskGroup, withTimeout } from '../../tasks/index.js';
import { type QueuePromise, type QueueRig, type QueueUnderTest, queuePromise } from '../queue-rig.js';

const ROUNDS = 8;
const PUTTERS = 30;
const GETTERS = 30;
/** Whole ms, and few of them: so that much happens in the same instant. */
const SPAN = 20;

/** One who comes at some time to put an item or to get one, and waits as long as it likes. */
interface Visitor {
  readonly at: number;
  readonly item: number | undefined;
  /** How long it waits, in ms. */
  readonly patience: number | undefined;
  /** When its task is cancelled. */
  readonly cancelAt: number | undefined;
  readonly generator: boolean;
  asked: boolean;
  doneAt: number | undefined;
  over: boolean;
}

interface Crowd {
  readonly queue: QueueUnderTest;
  readonly capacity: number;
  /** What was put, and what was got, in the order in which those who did it went on. */
  readonly put: number[];
  readonly got: number[];
}

function draw(random: Random, impatient: boolean, generators: boolean): Visitor[] {
  const upTo = (n: number): number => Math.floor(random() * n);
  return Array.from({ length: PUTTERS + GETTERS }, (_, i) => ({
    at: upTo(SPAN),
    item: i < PUTTERS ? i : undefined,
    patience: impatient && random() < 0.25 ? upTo(SPAN / 2) : undefined,
    cancelAt: impatient && random() < 0.25 ? upTo(1.5 * SPAN) : undefined,
    generator: generators && random() < 0.5,
    asked: false,
    doneAt: undefined,
    over: false,
  }));
}

async function act({ queue, put, got }: Crowd, visitor: Visitor): Promise<void> {
  await sleep(visitor.at);
  visitor.asked = true;
  if (visitor.item === undefined) got.push(await queue.get());
  else {
    await queue.put(visitor.item);
    put.push(visitor.item);
  }
  visitor.doneAt = now();
}

function* actAsGenerator(rig: QueueRig, { queue, put, got }: Crowd, visitor: Visitor): Generator<unknown, void, unknown> {
  yield* sleep(visitor.at);
  visitor.asked = true;
  if (visitor.item === undefined) got.push(yield* rig.get(queue));
  else {
    yield* rig.put(queue, visitor.item);
    put.push(visitor.item);
  }
  visitor.doneAt = now();
}

function send(group: TaskGroup, rig: QueueRig, crowd: Crowd, visitor: Visitor): Task<void> {
  const { at, patience = Number.POSITIVE_INFINITY, cancelAt } = visitor;
  const task = group.spawn(async () => {
    try {
      await withTimeout(at + patience, () => (visitor.generator ? actAsGenerator(rig, crowd, visitor) : act(crowd, visitor)));
    } catch (error) {
      if ((error as Error).name !== 'TimeoutError') throw error;
    } finally {
      visitor.over = true;
    }
  });
  if (cancelAt !== undefined)
    group.spawn(async () => {
      await sleep(cancelAt);
      task.cancel();
    });
  return task;
}

/** Between any two instants nothing is under way: then nobody waits for what is there. */
async function watch(crowd: Crowd, visitors: Visitor[]): Promise<void> {
  await sleep(0.5);
  for (let i = 0; i < 4 * SPAN; i++) {
    const inside = crowd.put.length - crowd.got.length;
    assert.ok(inside >= 0 && inside <= crowd.capacity, `${inside} items are in a queue for ${crowd.capacity}`);
    const waiting = visitors.filter((visitor) => visitor.asked && visitor.doneAt === undefined && !visitor.over);
    const getting = waiting.filter((visitor) => visitor.item === undefined).length;
    const putting = waiting.length - getting;
    assert.ok(getting === 0 || inside === 0, `${getting} wait to get at ${now()} ms, and ${inside} items are there`);
    assert.ok(
      putting === 0 || inside === crowd.capacity,
      `${putting} wait to put at ${now()} ms, and ${inside} of ${crowd.capacity} places are taken`,
    );
    await sleep(1);
  }
}

async function round(rig: QueueRig, visitors: Visitor[], capacity: number): Promise<void> {
  const crowd: Crowd = { queue: rig.make(capacity), capacity, put: [], got: [] };
  await withTaskGroup(async (group) => {
    const tasks = visitors.map((visitor) => send(group, rig, crowd, visitor));
    await watch(crowd, visitors);
    // Who still waits will do so for ever: there are not as many of one kind as of the other.
    for (const task of tasks) task.cancel();
  });
  const rest = await rig.take(crowd.queue, crowd.put.length - crowd.got.length);
  const byNumber = (a: number, b: number): number => a - b;
  assert.deepEqual([...crowd.got, ...rest].sort(byNumber), [...crowd.put].sort(byNumber), 'what was put is not what was got');
  assert.ok(await rig.isEmpty(crowd.queue));
}

const rounds =
  (impatient: boolean, generators: boolean) =>
  async (rig: QueueRig): Promise<void> => {
    const { random } = rig;
    for (let i = 0; i < ROUNDS; i++) await round(rig, draw(random, impatient, generators), 1 + Math.floor(random() * 4));
  };

/** Many who put, get, give up and are cancelled as lots are drawn. */
export const crowds: readonly QueuePromise[] = [
  { ...queuePromise('in a crowd: every item once, and nobody waits for what is there', rounds(false, false)), drawsLots: true },
  { ...queuePromise('in a crowd where some give up: the same', rounds(true, false), 'cancelling'), drawsLots: true },
  {
    ...queuePromise(
      'in a crowd of generators and async functions where some give up: the same',
      rounds(true, true),
      'cancelling',
      'generators',
    ),
    drawsLots: true,
  },
];
