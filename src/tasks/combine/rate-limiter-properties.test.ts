import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clock, useClock, VirtualClock } from '../../core/index.js';
import { withTaskGroup } from '../group.js';
import { sleep } from '../sleep.js';
import { withDeadline } from '../with-timeout.js';
import { RateLimiter } from './rate-limiter.js';
import type { RateRule } from './rate-rule.js';

useClock(new VirtualClock());

/** Rounding: times are sums of fractions. */
const NEAR = 1e-6;
/** No sum of the whole numbers below and their quotients is a multiple of this: nothing happens at the same time as what is told to happen at one. */
const ODD = Math.SQRT2 / 1000;

const sliding = fc.record({
  limit: fc.integer({ min: 1, max: 6 }),
  per: fc.integer({ min: 1, max: 40 }),
  window: fc.constant('sliding' as const),
});
const bucket = fc.record({
  limit: fc.integer({ min: 1, max: 6 }),
  per: fc.integer({ min: 1, max: 40 }),
  burst: fc.integer({ min: 1, max: 6 }),
});
const rules = fc.array(fc.oneof(sliding, bucket) as fc.Arbitrary<RateRule>, { minLength: 1, maxLength: 3 });

interface Ask {
  n: number;
  /** After the one before, in ms. */
  after: number;
  /** It gives up so long after it has asked, in ms. */
  patience: number;
  kind: 'async' | 'generator' | 'try';
}
const ask: fc.Arbitrary<Ask> = fc.record({
  n: fc.integer({ min: 1, max: 6 }),
  after: fc.integer({ min: 0, max: 12 }),
  patience: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 30 })),
  kind: fc.constantFrom('async' as const, 'generator' as const, 'try' as const),
});

const most = (rule: RateRule): number => (rule.window === 'sliding' ? rule.limit : (rule.burst ?? rule.limit));

interface Pass {
  at: number;
  n: number;
}

/** From when on a rule allows `n` more after what has passed: by counting, and by filling a bucket drop by drop. */
function earliest(rule: RateRule, passed: Pass[], n: number, from: number): number {
  if (rule.window === 'sliding') {
    const fits = (t: number) => passed.reduce((sum, p) => sum + (p.at + rule.per > t ? p.n : 0), 0) + n <= rule.limit;
    return [from, ...passed.map((p) => p.at + rule.per)].filter((t) => t >= from && fits(t)).sort((a, b) => a - b)[0];
  }
  const burst = rule.burst ?? rule.limit;
  const perMs = rule.limit / rule.per;
  let level = burst;
  let at = 0;
  for (const p of passed) {
    level = Math.min(burst, level + (p.at - at) * perMs) - p.n;
    at = p.at;
  }
  level = Math.min(burst, level + (from - at) * perMs);
  return level >= n - NEAR ? from : from + (n - level) / perMs;
}

test('random rules, askers and patience: each passes in turn, at the first moment that every rule allows, and none too many', async () => {
  await fc.assert(
    fc.asyncProperty(rules, fc.array(ask, { maxLength: 30 }), async (list, raw) => {
      const limiter = new RateLimiter(list);
      const largest = Math.min(...list.map(most));
      const asks = raw.map((one) => ({ ...one, n: Math.min(one.n, largest) }));
      const ends: ({ passed: boolean; at: number } | undefined)[] = new Array(asks.length);
      const askedAt: number[] = [];

      await withTaskGroup(async (group) => {
        for (const [i, { n, after, patience, kind }] of asks.entries()) {
          await sleep(after + (i + 1) * ODD);
          askedAt[i] = clock.now();
          const end = (passed: boolean) => {
            ends[i] = { passed, at: clock.now() };
          };
          const until = clock.now() + patience + ODD / 7;
          if (kind === 'try') end(limiter.tryAcquire(n));
          else if (kind === 'async') {
            group.spawn(() =>
              withDeadline(until, async () => {
                await limiter.acquire(n);
                end(true);
              }).catch(() => end(false)),
            );
          } else {
            group.spawn(function* () {
              try {
                yield* withDeadline(until, () => limiter.acquire(n));
                end(true);
              } catch {
                end(false);
              }
            });
          }
        }
      });

      const passed: Pass[] = [];
      let freeAt = 0; // when all before it have gone
      for (const [i, { n, patience, kind }] of asks.entries()) {
        const from = Math.max(askedAt[i], freeAt);
        const at = Math.max(...list.map((rule) => earliest(rule, passed, n, from)));
        const gives = kind === 'try' ? askedAt[i] : askedAt[i] + patience + ODD / 7;
        const end = ends[i];
        const expected = at <= gives + NEAR / 100 ? { passed: true, at } : { passed: false, at: gives };
        assert.ok(
          end !== undefined && end.passed === expected.passed && Math.abs(end.at - expected.at) < NEAR,
          `asker ${i}: ${JSON.stringify({ end, expected })}`,
        ); // prettier-ignore
        if (end.passed) passed.push({ at: end.at, n });
        if (kind !== 'try') freeAt = Math.max(freeAt, end.at);
      }
      for (const rule of list) if (rule.window === 'sliding') neverMore(passed, () => rule);
      assert.equal(limiter.waiting, 0);
    }),
    { numRuns: 1000 },
  );
});

/** In no span of `per` ms that ends with a pass is there more than the limit then in force: exact, without rounding. */
function neverMore(passed: Pass[], ruleAt: (i: number) => RateRule): void {
  for (const [i, { at }] of passed.entries()) {
    const rule = ruleAt(i);
    let sum = 0;
    for (let j = i; j >= 0 && passed[j].at + rule.per > at; j--) sum += passed[j].n;
    assert.ok(sum <= rule.limit, `${sum} in ${rule.per} ms, where ${rule.limit} are allowed`);
  }
}

test('random changes of a sliding window: never more than the limit in force, and all pass in the end', async () => {
  const change = fc.record({ after: fc.integer({ min: 0, max: 60 }), limit: fc.integer({ min: 1, max: 8 }) });
  const per = fc.integer({ min: 1, max: 50 });
  await fc.assert(
    fc.asyncProperty(
      per,
      fc.array(change, { minLength: 1, maxLength: 10 }),
      fc.integer({ min: 1, max: 60 }),
      async (per, changes, count) => {
        let rule: RateRule = { limit: 3, per, window: 'sliding' };
        const limiter = new RateLimiter(rule);
        const passed: (Pass & { rule: RateRule })[] = [];
        await withTaskGroup(async (group) => {
          for (let i = 0; i < count; i++) {
            group.spawn(async () => {
              await limiter.acquire();
              // What was let through in the turn of a change was let through by one of the two rules.
              passed.push({ at: clock.now(), n: 1, rule });
            });
          }
          for (const { after, limit } of changes) {
            await sleep(after + ODD);
            rule = { ...rule, limit };
            limiter.update(rule);
            await sleep(ODD);
          }
        });
        assert.equal(passed.length, count);
        neverMore(passed, (i) => passed[i].rule);
      },
    ),
    { numRuns: 500 },
  );
});
