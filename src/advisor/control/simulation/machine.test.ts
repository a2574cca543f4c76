import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Steering, type SteeringMove } from '../steering.js';
import { type MachineOptions, runMachine, type Steered, type Work } from './machine.js';

const SEEDS = [1, 2, 3];
const LENGTH = 12_000;
/** Where the kind of work changes, and how long after a start or a change nine tenths of the best have to be there, in ms. */
const TURN = 6000;
const FOLLOW = 3000;

interface Kind {
  readonly title: string;
  readonly work: Work;
  readonly cores?: number;
  readonly seesCpu?: boolean;
}

const kinds = {
  computing: { title: 'computing', work: { compute: 10 } },
  computingLong: { title: 'computing, 100 ms', work: { compute: 100 } },
  computing8: { title: 'computing on 8 cores', cores: 8, work: { compute: 10 } },
  blocking: { title: 'blocking', work: { block: 20 } },
  blockingLong: { title: 'blocking, 100 ms', work: { block: 100 } },
  device: { title: 'blocking on a device for 4', work: { block: 10, device: 4 } },
  half: { title: 'computing and blocking', work: { compute: 5, block: 5 } },
  fifth: { title: 'computing a little and blocking', work: { compute: 2, block: 8 } },
  mixed: { title: 'computing and waiting', work: { compute: 7, wait: 14 } },
  waiting: { title: 'waiting', work: { compute: 2, wait: 60 } },
  unseen: { title: 'computing, processor time unknown', seesCpu: false, work: { compute: 10 } },
  blockingUnseen: { title: 'blocking, processor time unknown', seesCpu: false, work: { block: 20 } },
} satisfies Record<string, Kind>;

const fixed = (workers: number, inFlight: number): Steered => ({ workers, inFlight, ended() {}, running() {}, tick() {} });
const rate = (done: readonly number[], from: number, to: number): number =>
  done.slice(from / 100, to / 100).reduce((a, b) => a + b, 0) / (to - from);

/** The best of a grid of workers and calls for each. */
function best({ work, cores = 2 }: Kind): number {
  let most = 0;
  for (const workers of [1, 2, 4, 6, 8, 12, 16, 32]) {
    for (const each of workers <= 2 ? [1, 2, 4, 16, 48] : [1, 2]) {
      const done = runMachine(fixed(workers, workers * each), { cores, work: () => work, length: 3000, seed: 1 });
      most = Math.max(most, rate(done, 500, 3000));
    }
  }
  return most;
}

function steer(options: Omit<MachineOptions, 'length'> & { workers?: number; inFlight?: number }): {
  done: number[];
  moves: SteeringMove[];
  steering: Steering;
} {
  const moves: SteeringMove[] = [];
  const steering = new Steering({
    cores: options.cores,
    ...(options.workers === undefined ? {} : { workers: { most: options.workers } }),
    ...(options.inFlight === undefined ? {} : { inFlight: { most: options.inFlight } }),
    onMove: (move) => moves.push(move),
  });
  return { done: runMachine(steering, { ...options, length: LENGTH }), moves, steering };
}

for (const kind of Object.values<Kind>(kinds)) {
  test(`workers and calls find their place: ${kind.title}`, (t) => {
    const most = best(kind);
    const { cores = 2, seesCpu = true } = kind;
    t.diagnostic(`best: ${Math.round(most * 1000)} calls a second; seeds ${SEEDS.join(', ')}`);
    for (const seed of SEEDS) {
      const { done, moves } = steer({ cores, seesCpu, seed, work: () => kind.work });
      const got = rate(done, FOLLOW, LENGTH) / most;
      assert.ok(
        got >= 0.9,
        `seed ${seed}: ${got.toFixed(2)} of the best\n${moves.map(({ at, what, from, to, reason }) => `${at} ${what} ${from} to ${to}: ${reason}`).join('\n')}`,
      );
    }
  });
}

const turns: [Kind, Kind][] = [
  [kinds.computing, kinds.blocking],
  [kinds.blocking, kinds.computing],
  [kinds.computing, kinds.waiting],
  [kinds.waiting, kinds.computing],
  [kinds.mixed, kinds.waiting],
  [kinds.blocking, kinds.waiting],
];
for (const [before, after] of turns) {
  test(`it follows work that changes: ${before.title}, then ${after.title}`, () => {
    const most = best(after);
    for (const seed of SEEDS) {
      const { done, moves } = steer({ cores: 2, seed, work: (at) => (at < TURN ? before.work : after.work) });
      const got = rate(done, TURN + FOLLOW, LENGTH) / most;
      assert.ok(
        got >= 0.9,
        `seed ${seed}: ${got.toFixed(2)} of the best\n${moves.map(({ at, what, from, to, reason }) => `${at} ${what} ${from} to ${to}: ${reason}`).join('\n')}`,
      );
    }
  });
}

test('bounds are kept, also the one of calls against workers', () => {
  for (const [workers, inFlight] of [
    [3, 1000],
    [32, 5],
    [1, 1],
  ]) {
    const { steering, moves } = steer({ cores: 2, seed: 1, work: () => kinds.blocking.work, workers, inFlight });
    for (const { what, to } of moves) assert.ok(to <= (what === 'workers' ? Math.min(workers, inFlight) : inFlight), `${what}: ${to}`);
    assert.ok(steering.workers <= Math.min(workers, inFlight) && steering.inFlight <= inFlight);
  }
});

test('workers that have nothing to do go, after three votes', () => {
  const { steering, moves } = steer({ cores: 2, seed: 1, work: () => ({ block: 20 }), queued: (at) => (at < 5000 ? 1000 : 1) });
  assert.ok(steering.workers <= 3, `${steering.workers}`);
  const first = moves.find(({ at, what, from, to }) => at > 5000 && what === 'workers' && to < from);
  assert.ok(first !== undefined && first.at >= 5300, JSON.stringify(first));
  assert.match(first.reason, /busy for only/);
});

test('with other programs on the machine, a worker that adds nothing goes', () => {
  // Eight cores that four others use as well: eight of twelve threads.
  const moves: SteeringMove[] = [];
  const steering = new Steering({ cores: 8, workers: { start: 8 }, inFlight: { start: 8 }, onMove: (move) => moves.push(move) });
  let at = 0;
  for (let window = 0; window < 100; window++) {
    const { workers } = steering;
    const cpu = Math.min(workers, (workers * 8) / (workers + 1));
    steering.running(at, steering.inFlight);
    for (let i = 0; i < 20; i++) {
      at += 5;
      steering.ended(at, 10, 'ok');
      steering.running(at, steering.inFlight);
    }
    steering.tick(at, { workers, busy: 1, cpu, queued: 100, available: 8 / 9 });
  }
  assert.ok(
    moves.some(({ what, to, reason }) => what === 'workers' && to === 7 && /others use the machine/.test(reason)),
    JSON.stringify(moves),
  );
  assert.ok(steering.workers >= 6, `${steering.workers}`);
});
