import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Barrier } from './barrier.js';
import { Condition } from './condition.js';
import type { ConditionGuard } from './condition-guard.js';
import { Event } from './event.js';
import { Ask, inVirtualTime, quiet, SEED } from './trial.js';

/*
 * Event, Barrier and Condition against models of themselves: random commands, several of them in one turn.
 */

const which = fc.nat({ max: 40 });
const generator = fc.boolean();
const wait = { weight: 6, arbitrary: fc.record({ kind: fc.constant('wait' as const), generator }) };
const cancel = { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which }) };
const turn = { weight: 4, arbitrary: fc.constant({ kind: 'turn' as const }) };
const many = { maxLength: 50, size: 'max' } as const;

/** Cancels one of all who asked, if there is one: also one that has ended, which changes nothing. */
function cancelOne(asks: Ask<unknown>[], due: unknown[], at: number): void {
  if (asks.length === 0) return;
  const i = at % asks.length;
  asks[i].cancel();
  due[i] ??= 'AbortError';
}

async function compare(asks: Ask<unknown>[], due: unknown[]): Promise<void> {
  await quiet();
  for (const [i, { outcome }] of asks.entries()) assert.deepEqual(outcome, due[i], `number ${i}`);
}

test('an Event does what its model does', async (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const command = fc.oneof(wait, cancel, turn, {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('set' as const, 'clear' as const) }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(command, many), (commands) =>
      inVirtualTime(async () => {
        const event = new Event();
        const asks: Ask<unknown>[] = [];
        const due: unknown[] = [];
        let isSet = false;
        for (const each of [...commands, { kind: 'set' as const }]) {
          if (each.kind === 'wait') {
            asks.push(new Ask(() => event.wait(), each.generator));
            due.push(isSet ? { value: undefined } : undefined);
          } else if (each.kind === 'cancel') cancelOne(asks, due, each.which);
          else if (each.kind === 'turn') await compare(asks, due);
          else {
            event[each.kind]();
            isSet = each.kind === 'set';
            if (isSet) for (const i of due.keys()) due[i] ??= { value: undefined };
          }
          assert.equal(event.isSet, isSet);
          assert.equal(event.waiting, due.filter((outcome) => outcome === undefined).length);
        }
        await compare(asks, due);
      }),
    ),
    { seed: SEED, numRuns: 150 },
  );
});

test('a Barrier does what its model does: every place once, in the order of arrival', async (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const command = fc.oneof(wait, cancel, turn, {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('abort' as const, 'reset' as const) }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(command, many), fc.integer({ min: 1, max: 5 }), (commands, parties) =>
      inVirtualTime(async () => {
        const barrier = new Barrier(parties);
        const asks: Ask<unknown>[] = [];
        const due: unknown[] = [];
        let broken = false;
        const here = (): number[] => [...due.keys()].filter((i) => due[i] === undefined);
        for (const each of [...commands, { kind: 'abort' as const }]) {
          if (each.kind === 'wait') {
            asks.push(new Ask(() => barrier.wait(), each.generator));
            due.push(broken ? 'BrokenBarrierError' : undefined);
            if (here().length === parties) for (const [place, i] of here().entries()) due[i] = { value: place };
          } else if (each.kind === 'cancel') cancelOne(asks, due, each.which);
          else if (each.kind === 'turn') await compare(asks, due);
          else {
            barrier[each.kind]();
            broken = each.kind === 'abort';
            for (const i of here()) due[i] = 'BrokenBarrierError';
          }
          assert.deepEqual([barrier.broken, barrier.waiting], [broken, here().length]);
        }
        await compare(asks, due);
      }),
    ),
    { seed: SEED, numRuns: 150 },
  );
});

test('a Condition: every notification wakes one that waits, the longest first, and whoever goes on holds the lock', async (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const command = fc.oneof(wait, cancel, turn, {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('notify' as const), n: fc.integer({ min: 1, max: 3 }) }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(command, many), (commands) =>
      inVirtualTime(async () => {
        const condition = new Condition();
        const asks: Ask<unknown>[] = [];
        const due: unknown[] = [];
        let holders = 0;
        const order: number[] = [];
        const held = (guard: ConditionGuard): void => {
          assert.ok(guard.held);
          assert.equal(++holders, 1, 'two hold the lock');
        };
        const left = (guard: ConditionGuard): void => {
          holders--;
          guard.release();
        };
        for (const each of [...commands, { kind: 'notify' as const, n: commands.length + 1 }]) {
          if (each.kind === 'wait') {
            const guard = condition.tryAcquire();
            if (guard === undefined) continue; // those who were woken have not all gone on
            const number = asks.length;
            const ask = new Ask<unknown>(() => guard.wait(), each.generator);
            // Whatever the way out, the guard is held then.
            ask.onOutcome = () => {
              held(guard);
              order.push(number);
              left(guard);
            };
            asks.push(ask);
            due.push(undefined);
          } else if (each.kind === 'cancel') cancelOne(asks, due, each.which);
          else if (each.kind === 'turn') await compare(asks, due);
          else {
            const guard = condition.tryAcquire() ?? (await condition.acquire());
            held(guard);
            guard.notify(each.n);
            const woken = [...due.keys()].filter((i) => due[i] === undefined).slice(0, each.n);
            for (const i of woken) due[i] = { value: undefined };
            left(guard);
          }
          assert.equal(condition.waiting, due.filter((outcome) => outcome === undefined).length);
        }
        await compare(asks, due);
        assert.equal(order.length, asks.length);
        const woken = order.filter((i) => typeof due[i] === 'object');
        assert.deepEqual(
          woken,
          [...woken].sort((a, b) => a - b),
        );
        assert.ok(condition.tryAcquire());
      }),
    ),
    { seed: SEED, numRuns: 150 },
  );
});
