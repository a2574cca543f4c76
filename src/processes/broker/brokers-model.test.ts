import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BarrierBroker, BarrierOp } from './barrier-broker.js';
import { EventBroker, EventOp } from './event-broker.js';
import { LockBroker, LockOp } from './lock-broker.js';
import { ToHandle } from './message.js';
import { SemaphoreBroker, SemaphoreOp } from './semaphore-broker.js';
import { type Account, PARTIES, play, RUNS, type Said, SEED, type Step, World } from './trial.js';

const steps = (kinds: readonly string[]) =>
  fc.array(fc.record({ kind: fc.constantFrom(...kinds), p: fc.nat(PARTIES - 1), n: fc.integer({ min: 0, max: 7 }) }), { maxLength: 60 });

/** The moves that every kind has; several are there more than once, so that they are drawn more often. */
const common = ['up', 'up', 'up', 'down', 'down', 'cancel'];

function run(name: string, kinds: readonly string[], body: (all: readonly Step[]) => Promise<void>): void {
  test(`${name}: ${RUNS} random runs, seed ${SEED}`, async () => {
    await fc.assert(fc.asyncProperty(steps([...common, ...kinds]), body), { numRuns: RUNS, seed: SEED });
  });
}

interface Entry {
  p: number;
  id: number;
  n: number;
}

/** The account of all that is held: who holds, who waits, and whether one more may be let in. */
function holdAccount(say: (p: number, ...said: Said) => void, permits: number, reentrant: boolean, flagged: boolean): Account {
  let [holds, line]: Entry[][] = [[], []];
  let abandoned = false;
  let told: Entry | undefined;
  const same = (a: Entry, p: number, id: number) => a.p === p && a.id === id;
  const sum = () => holds.reduce((all, { n }) => all + n, 0);
  const grant = (entry: Entry) => {
    holds.push(entry);
    say(entry.p, entry.id, ToHandle.HELD, flagged && abandoned);
    if (abandoned) told = entry;
    abandoned = false;
  };
  const mayPass = (entry: Entry) => (reentrant ? holds.length === 0 || holds[0].p === entry.p : sum() + entry.n <= permits);
  const serve = () => {
    for (;;) {
      const next = reentrant ? line.find(mayPass) : line[0];
      if (next === undefined || !mayPass(next)) return;
      line = line.filter((e) => e !== next);
      grant(next);
    }
  };
  const drop = (p: number, id: number, how: 'release' | 'cancel' | 'gone') => {
    const held = holds.find((e) => same(e, p, id));
    line = line.filter((e) => !same(e, p, id));
    if (held !== undefined) {
      if (how === 'gone' || (how === 'cancel' && held === told)) abandoned = true;
      holds = holds.filter((e) => e !== held);
    }
    serve();
  };
  return {
    ask(p, op, id, _, data) {
      const entry = { p, id, n: (data as number | undefined) ?? 1 };
      if (mayPass(entry) && (reentrant || line.length === 0)) grant(entry);
      else if (op === LockOp.TRY) say(p, id, ToHandle.GIVEN, undefined);
      else line.push(entry);
    },
    cancel: (p, id) => drop(p, id, 'cancel'),
    release: (p, id) => drop(p, id, 'release'),
    gone(p) {
      line = line.filter((e) => e.p !== p);
      for (const { id } of holds.filter((e) => e.p === p)) drop(p, id, 'gone');
      serve();
    },
  };
}

for (const [name, make, permits, reentrant] of [
  ['lock', () => new LockBroker(), 1, false],
  ['re-entrant lock', () => new LockBroker(true), 1, true],
  ['semaphore', () => new SemaphoreBroker(4), 4, false],
] as const) {
  run(name, ['ask', 'ask', 'try', 'release', 'release', 'die'], async (all) => {
    const counts = name === 'semaphore';
    const world = new World(make(), (say) => holdAccount(say, permits, reentrant, !counts));
    const holders = () =>
      world.mine.flatMap((mine, p) => mine.filter((m) => m.state === 'given' && m.value !== undefined && world.alive[p]).map(() => p));
    await play(world, all, ({ kind, p, n }) => {
      if (kind === 'release') {
        const mine = world.pick(p, 'given', n);
        if (mine?.value !== undefined) world.release(p, n);
      } else world.ask(p, kind === 'try' ? SemaphoreOp.TRY : SemaphoreOp.ACQUIRE, counts ? 1 + (n % 3) : undefined);
      if (!counts) assert.ok(new Set(holders()).size <= 1, 'one party holds it');
      if (name === 'lock') assert.ok(holders().length <= 1, 'one holds it');
    });
    // Whoever lives is served in the end.
    await world.settle();
    for (let i = 0; i < 60 && world.mine.some((mine, p) => world.alive[p] && mine.some((m) => m.state === 'waiting')); i++) {
      await world.settle();
      for (let p = 0; p < PARTIES; p++)
        for (const mine of world.mine[p]) {
          if (!world.alive[p] || mine.state !== 'given') continue;
          mine.state = 'over';
          if (mine.value !== undefined) mine.asked.release();
        }
    }
    for (const [p, mine] of world.mine.entries())
      assert.ok(!world.alive[p] || mine.every((m) => m.state !== 'waiting'), 'nobody waits for ever');
  });
}

run('event', ['wait', 'wait', 'set', 'clear', 'isSet', 'die'], async (all) => {
  let isSet = false;
  let line: Entry[] = [];
  const world = new World(new EventBroker(), (say) => ({
    ask(p, op, id) {
      if (op === EventOp.WAIT && !isSet) return void line.push({ p, id, n: 0 });
      if (op === EventOp.SET) {
        isSet = true;
        for (const e of line) say(e.p, e.id, ToHandle.GIVEN, undefined);
        line = [];
      } else if (op === EventOp.CLEAR) isSet = false;
      say(p, id, ToHandle.GIVEN, op === EventOp.IS_SET ? isSet : undefined);
    },
    cancel(p, id) {
      line = line.filter((e) => e.p !== p || e.id !== id);
    },
    gone(p) {
      line = line.filter((e) => e.p !== p);
    },
  }));
  const ops: Record<string, number> = { wait: EventOp.WAIT, set: EventOp.SET, clear: EventOp.CLEAR, isSet: EventOp.IS_SET };
  await play(world, all, ({ kind, p }) => world.ask(p, ops[kind]));
  await world.settle();
});

run('barrier', ['wait', 'wait', 'wait', 'abort', 'reset', 'broken', 'die'], async (all) => {
  let broken = false;
  let line: Entry[] = [];
  const world = new World(new BarrierBroker(3), (say) => {
    const fail = () => {
      for (const e of line) say(e.p, e.id, ToHandle.REFUSED, 'BrokenBarrierError');
      line = [];
    };
    return {
      ask(p, op, id) {
        if (op === BarrierOp.WAIT) {
          if (broken) return say(p, id, ToHandle.REFUSED, 'BrokenBarrierError');
          line.push({ p, id, n: 0 });
          if (line.length === 3) {
            line.forEach((e, place) => {
              say(e.p, e.id, ToHandle.GIVEN, place);
            });
            line = [];
          }
          return;
        }
        if (op === BarrierOp.ABORT || op === BarrierOp.RESET) {
          broken = op === BarrierOp.ABORT;
          fail();
        }
        say(p, id, ToHandle.GIVEN, op === BarrierOp.BROKEN ? broken : undefined);
      },
      cancel(p, id) {
        line = line.filter((e) => e.p !== p || e.id !== id);
      },
      gone(p) {
        const waited = line.some((e) => e.p === p);
        line = line.filter((e) => e.p !== p);
        if (waited) {
          broken = true;
          fail();
        }
      },
    };
  });
  const ops: Record<string, number> = { wait: BarrierOp.WAIT, abort: BarrierOp.ABORT, reset: BarrierOp.RESET, broken: BarrierOp.BROKEN };
  await play(world, all, ({ kind, p, n }) => (kind === 'abort' && n > 1 ? undefined : world.ask(p, ops[kind])));
  await world.settle();
});
