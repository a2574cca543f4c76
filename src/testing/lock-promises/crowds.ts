import assert from 'node:assert/strict';
import type { Random } from '../../core/index.js';
import { now, sleep, type TaskGroup, withTaskGroup, withTimeout } from '../../tasks/index.js';
import { type LockPromise, type LockRig, lockPromise } from '../lock-rig.js';

const ROUNDS = 8;
const VISITORS = 40;
/** Whole ms, and few of them: so that much happens in the same instant. */
const SPAN = 25;

/** One who comes at some time, waits as long as it likes, and stays a while. */
interface Visitor {
  readonly at: number;
  readonly stay: number;
  /** How long it waits, in ms. */
  readonly patience: number | undefined;
  /** When its task is cancelled. */
  readonly cancelAt: number | undefined;
  readonly generator: boolean;
  /** In which order it asked. */
  asked: number;
  gotAt: number | undefined;
  over: boolean;
}

interface Crowd {
  readonly visitors: Visitor[];
  inside: number;
  asked: number;
}

function draw(random: Random, impatient: boolean, generators: boolean): Visitor[] {
  const upTo = (n: number): number => Math.floor(random() * n);
  return Array.from({ length: VISITORS }, () => ({
    at: upTo(SPAN),
    stay: upTo(4),
    patience: impatient && random() < 0.3 ? upTo(SPAN / 2) : undefined,
    cancelAt: impatient && random() < 0.3 ? upTo(2 * SPAN) : undefined,
    generator: generators && random() < 0.5,
    asked: -1,
    gotAt: undefined,
    over: false,
  }));
}

function enter(rig: LockRig, crowd: Crowd, visitor: Visitor): void {
  visitor.gotAt = now();
  crowd.inside++;
  assert.ok(crowd.inside <= rig.permits, `${crowd.inside} hold it, of ${rig.permits}`);
}

async function visit(rig: LockRig, crowd: Crowd, visitor: Visitor): Promise<void> {
  await sleep(visitor.at);
  visitor.asked = crowd.asked++;
  const held = await rig.lock.acquire();
  enter(rig, crowd, visitor);
  try {
    await sleep(visitor.stay);
  } finally {
    crowd.inside--;
    held.release();
  }
}

function* visitAsGenerator(rig: LockRig, crowd: Crowd, visitor: Visitor): Generator<unknown, void, unknown> {
  yield* sleep(visitor.at);
  visitor.asked = crowd.asked++;
  const held = yield* rig.acquire();
  enter(rig, crowd, visitor);
  try {
    yield* sleep(visitor.stay);
  } finally {
    crowd.inside--;
    held.release();
  }
}

function send(group: TaskGroup, rig: LockRig, crowd: Crowd, visitor: Visitor): void {
  const { patience, cancelAt } = visitor;
  const go = visitor.generator ? visitAsGenerator : visit;
  const task = group.spawn(async () => {
    try {
      if (patience === undefined) await withTimeout(Number.POSITIVE_INFINITY, () => go(rig, crowd, visitor));
      else await withTimeout(visitor.at + patience, () => go(rig, crowd, visitor)).catch(ifNotLate);
    } finally {
      visitor.over = true;
    }
  });
  if (cancelAt !== undefined)
    group.spawn(async () => {
      await sleep(cancelAt);
      task.cancel();
    });
}

function ifNotLate(error: Error): void {
  if (error.name !== 'TimeoutError') throw error;
}

/** Between any two instants nothing is under way: then whoever could be inside is. */
async function watch(rig: LockRig, crowd: Crowd): Promise<void> {
  await sleep(0.5);
  while (crowd.visitors.some((visitor) => !visitor.over)) {
    const waiting = crowd.visitors.filter((visitor) => visitor.asked >= 0 && visitor.gotAt === undefined && !visitor.over);
    if (crowd.inside < rig.permits)
      assert.equal(waiting.length, 0, `${waiting.length} wait at ${now()} ms, and ${crowd.inside} of ${rig.permits} hold it`);
    await sleep(1);
  }
}

async function round(rig: LockRig, visitors: Visitor[]): Promise<void> {
  const crowd: Crowd = { visitors, inside: 0, asked: 0 };
  await withTaskGroup(async (group) => {
    for (const visitor of visitors) send(group, rig, crowd, visitor);
    group.spawn(watch, rig, crowd);
  });
  const line = visitors.filter((visitor) => visitor.gotAt !== undefined).sort((a, b) => a.asked - b.asked);
  for (const [i, visitor] of line.entries()) {
    const before = line[i - 1];
    assert.ok(
      i === 0 || (before.gotAt as number) <= (visitor.gotAt as number),
      `number ${before?.asked} asked before ${visitor.asked} and had it later`,
    );
  }
  for (const visitor of visitors)
    if (visitor.patience === undefined && visitor.cancelAt === undefined)
      assert.ok(visitor.gotAt !== undefined, `number ${visitor.asked} never had it`);
  assert.ok(await rig.isFree());
}

const rounds =
  (impatient: boolean, generators: boolean) =>
  async (rig: LockRig): Promise<void> => {
    const { random } = rig;
    for (let i = 0; i < ROUNDS; i++) await round(rig, draw(random, impatient, generators));
  };

/** Many who come, wait, give up and are cancelled as lots are drawn. */
export const crowds: readonly LockPromise[] = [
  { ...lockPromise('in a crowd: all are served, in order, and never too many', rounds(false, false)), drawsLots: true },
  {
    ...lockPromise(
      'in a crowd where some give up: nobody who stays is forgotten, the order holds, and never too many have it',
      rounds(true, false),
      'cancelling',
    ),
    drawsLots: true,
  },
  {
    ...lockPromise(
      'in a crowd of generators and async functions where some give up: the same',
      rounds(true, true),
      'cancelling',
      'generators',
    ),
    drawsLots: true,
  },
];
