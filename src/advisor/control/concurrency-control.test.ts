import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random, seeded } from '../../core/index.js';
import { ConcurrencyControl } from './concurrency-control.js';
import type { Move, Outcome } from './move.js';
import { backends } from './simulation/backend.js';
import { type Controlled, simulate } from './simulation/simulate.js';

const everything = backends(60_000);
const make = (id: string, seed = 1) => {
  const one = everything.find((backend) => backend.id === id);
  assert.ok(one !== undefined, id);
  return one.make(seed);
};

/** As many at once as there are, each takes that long. */
const unlimited = (ms: number) => ({ call: () => ({ took: ms }) });

/** A control that remembers the limits that were in force. */
class Watched implements Controlled {
  readonly moves: Move[] = [];
  readonly control: ConcurrencyControl;
  highest = 0;
  lowest = Number.POSITIVE_INFINITY;

  constructor(options: ConstructorParameters<typeof ConcurrencyControl>[0] = {}) {
    this.control = new ConcurrencyControl({ ...options, onMove: (move) => this.moves.push(move) });
  }

  get limit(): number {
    const { limit } = this.control;
    assert.ok(Number.isInteger(limit) && limit >= 1, `a limit of ${limit}`);
    this.highest = Math.max(this.highest, limit);
    this.lowest = Math.min(this.lowest, limit);
    return limit;
  }

  ended(at: number, took: number, outcome: Outcome): void {
    this.control.ended(at, took, outcome);
  }

  inFlight(at: number, n: number): void {
    this.control.inFlight(at, n);
  }

  tick(at: number): void {
    this.control.tick(at);
  }
}

test('it does not climb when fewer calls are offered than it allows', () => {
  const watched = new Watched({ start: 8 });
  simulate(unlimited(20), watched, { length: 20_000, offered: () => 4 });
  assert.equal(watched.highest, 8);
  assert.deepEqual(watched.moves, []);
});

test('it climbs once enough are offered, and stays where it was when they are not any more', () => {
  const watched = new Watched();
  simulate(make('servers'), watched, { length: 20_000, offered: (at) => (at < 5000 ? 1 : at < 12_000 ? 1000 : 3) });
  assert.ok(watched.control.limit >= 14 && watched.control.limit <= 30, `${watched.control.limit}`);
  assert.ok(
    watched.moves.every(({ at }) => at > 5000 && at < 13_000),
    JSON.stringify(watched.moves),
  );
});

test('it never leaves its bounds', () => {
  for (const [least, most] of [
    [1, 7],
    [5, 5],
    [3, 40],
    [64, 64],
  ]) {
    for (const { id } of everything) {
      const watched = new Watched({ least, most, start: 1 });
      simulate(make(id), watched, { length: 6000 });
      assert.ok(
        watched.lowest >= least && watched.highest <= most,
        `${id}: ${watched.lowest} to ${watched.highest}, not ${least} to ${most}`,
      );
    }
  }
});

test('it does not swing: at rest the limit that is held moves seldom', () => {
  for (const id of ['servers', 'cpu', 'refusing']) {
    const watched = new Watched();
    simulate(make(id), watched, { length: 60_000 });
    const late = watched.moves.filter(({ at }) => at > 10_000);
    assert.ok(late.length <= 12, `${id}: ${late.length} moves in 50 s: ${JSON.stringify(late)}`);
  }
});

test('calls that all fail move nothing', () => {
  const control = new Watched();
  for (let at = 0; at < 20_000; at += 5) {
    control.inFlight(at, control.limit);
    control.ended(at, 10, 'failed');
    if (at % 50 === 0) control.tick(at);
  }
  assert.deepEqual(control.moves, []);
  assert.equal(control.highest, 2);
});

test('a backend that refuses everything brings it down to one, and it comes back', () => {
  const good = make('servers');
  const dead = (at: number) => at > 5000 && at < 8000;
  const watched = new Watched();
  const at: [number, number][] = [];
  const run = simulate({ call: (now, n) => (dead(now) ? { took: 1, refused: true } : good.call(now, n)) }, watched, {
    length: 14_000,
    onTick: (now) => at.push([now, watched.control.limit]),
  });
  const limits = (from: number, to: number) => at.filter(([now]) => now > from && now < to).map(([, limit]) => limit);
  assert.ok(Math.max(...limits(5100, 7950)) <= 2, `${limits(5100, 7950)}`);
  const after = run.done.slice(110).reduce((a, b) => a + b, 0) / 30;
  assert.ok(after >= 0.9 * 80, `${after} calls a tenth of a second within 3 s after`);
  assert.match(watched.moves.find(({ at }) => at > 5000)?.reason ?? '', /calls were refused/);
});

test('refusals that do not depend on it are not run away from', () => {
  const chance = seeded(7);
  const good = make('servers');
  const watched = new Watched();
  simulate({ call: (at, n) => ({ ...good.call(at, n), refused: chance() < 0.05 }) }, watched, { length: 30_000 });
  assert.ok(watched.control.limit >= 10, `${watched.control.limit}: ${JSON.stringify(watched.moves.slice(-5))}`);
  assert.ok(watched.moves.some(({ reason }) => /did not change that/.test(reason)));
});

test('a ceiling is remembered, and gives way slowly', () => {
  const watched = new Watched();
  let room = 24;
  let busy: number[] = [];
  const tried: [number, number][] = [];
  simulate(
    {
      call: (at, n) => {
        busy = busy.filter((end) => end > at);
        tried.push([at, n]);
        if (busy.length >= room) return { took: 5, refused: true };
        busy.push(at + 20);
        return { took: 20 };
      },
    },
    watched,
    {
      length: 16_000,
      onTick: (at) => {
        if (at >= 10_000) room = 48;
      },
    },
  );
  const over = tried.filter(([at, n]) => at > 3000 && at < 10_000 && n > 24).length;
  const total = tried.filter(([at]) => at > 3000 && at < 10_000).length;
  assert.ok(over / total < 0.03, `${over} of ${total} calls were over the ceiling`);
  assert.ok(watched.control.limit >= 40, `${watched.control.limit} after there was room for 48`);
});

test('a stall lowers nothing, and the limit is the same after it', () => {
  const good = make('servers');
  const watched = new Watched();
  const limits: number[] = [];
  // Whatever is in flight at 10 s ends 5 s later.
  const stalled = {
    call: (at: number, n: number) => {
      const { took } = good.call(at, n);
      return { took: at < 10_000 && at + took >= 10_000 ? took + 5000 : took };
    },
  };
  simulate(stalled, watched, { length: 20_000, onTick: (at) => at > 9000 && limits.push(watched.control.held) });
  assert.ok(Math.min(...limits) >= 12, `${Math.min(...limits)}`);
});

test('nothing ever ends: a few more are started, not all', () => {
  const watched = new Watched();
  simulate(unlimited(1e9), watched, { length: 60_000 });
  assert.equal(watched.control.limit, 16);
  assert.match(watched.moves[0].reason, /nothing has ended/);
});

test('calls of 10 s: it climbs, though it takes long', () => {
  const watched = new Watched();
  simulate(unlimited(10_000), watched, { length: 200_000 });
  assert.ok(watched.control.limit >= 64, `${watched.control.limit}`);
});

test('calls of a microsecond in a loop of their own', () => {
  const watched = new Watched();
  // One at a time, whatever is allowed: more in flight bring nothing.
  let at = 0;
  for (let i = 0; i < 2_000_000; i++) {
    at += 0.001;
    watched.inFlight(at, watched.limit);
    watched.ended(at, 0.001, 'ok');
  }
  assert.ok(watched.control.limit <= 2, `${watched.control.limit}`);
});

test('chunks report in bulk', () => {
  const watched = new Watched();
  const lanes = (limit: number) => Math.min(4, limit);
  // Four lanes; a chunk has a million calls of 0.1 µs and takes 100 ms.
  const ends: number[] = [];
  let at = 0;
  while (at < 60_000) {
    const limit = watched.limit;
    while (ends.length < lanes(limit)) ends.push(at + 100 + ends.length);
    watched.inFlight(at, limit);
    ends.sort((a, b) => a - b);
    at = ends.shift() ?? 0;
    watched.control.ended(at, 1e-4, 'ok', 1_000_000);
    watched.tick(at);
  }
  assert.ok(watched.control.limit >= 4 && watched.control.limit <= 8, `${watched.control.limit}`);
});

test('nonsense is survived: no time passes, times of NaN, no calls', () => {
  const watched = new Watched();
  const seed = Math.floor(random() * 2 ** 31);
  const chance = seeded(seed);
  const outcomes = ['ok', 'failed', 'pushback'] as const;
  const odd = [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e-9, 1e12, 20];
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)];
  let at = 0;
  for (let i = 0; i < 200_000; i++) {
    if (chance() < 0.5) at += chance() * 20;
    watched.inFlight(at, Math.floor(chance() * 40));
    watched.control.ended(at, pick(odd), pick(outcomes), pick([0, 1, 1, 1, Number.NaN, 1e9]));
    if (chance() < 0.1) watched.tick(at);
    assert.ok(watched.limit >= 1 && watched.limit <= 1024, `seed ${seed}, step ${i}`);
  }
  for (const { from, to, reason } of watched.moves)
    assert.doesNotMatch(`${from} ${to} ${reason}`, /NaN|Infinity|undefined/, `seed ${seed}`);
});

test('whoever steers may know better', () => {
  const watched = new Watched({ most: 100 });
  const { control } = watched;
  control.reset(10, 12, 'the work moved');
  assert.equal(control.limit, 12);
  assert.deepEqual(watched.moves, [{ at: 10, from: 2, to: 12, reason: 'the work moved' }]);
  control.bound(20, { least: 20 }, 'for 20 workers');
  assert.equal(control.limit, 20);
  control.bound(30, { least: 1, most: 5 }, 'asked for less');
  assert.equal(control.limit, 5);
  control.reset(40, 1e9, 'too much');
  assert.equal(control.limit, 5);
});
