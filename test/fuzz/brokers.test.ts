import assert from 'node:assert/strict';
import { campaign, inside, isTold } from './campaign.js';
import { anyValue, type Lots, mutate } from './mutate.js';

/*
 * Three parties speak to each kind of broker: what handles say, in any order, and what none would
 * say. After they are gone nothing is held and nobody waits.
 */

const { Party } = await inside('processes/broker/party.js');
const { LocalAccess } = await inside('processes/broker/local-access.js');
const { mustBePlain } = await inside('processes/connection/plain.js');
const { LockBroker } = await inside('processes/broker/lock-broker.js');
const { SemaphoreBroker } = await inside('processes/broker/semaphore-broker.js');
const { EventBroker } = await inside('processes/broker/event-broker.js');
const { BarrierBroker } = await inside('processes/broker/barrier-broker.js');
const { ConditionBroker } = await inside('processes/broker/condition-broker.js');
const { QueueBroker } = await inside('processes/broker/queue-broker.js');

interface Access {
  ask(op: number, data: unknown, receiver: object): unknown;
}

/** Asks as somebody in this very thread does. */
function ask(access: Access, op: number, data?: unknown): unknown {
  let answer: unknown = 'waits';
  const given = (value: unknown): void => {
    answer = value;
  };
  access.ask(op, data, { given, refused: (error: Error) => given(error.name) });
  return answer;
}

interface Kind {
  name: string;
  make(): { ops: number; waiting: number };
  /** Whether something can be told it. */
  isTold?: boolean;
  /** The state that must be there when all have gone. */
  after(access: Access, broker: { waiting: number }): void;
}

/** TRY gives whether the lock was abandoned, or nothing. */
const isFree = (access: Access): void => assert.notEqual(ask(access, 1), undefined, 'the lock is free');

/** The items that it says it has are there, each once. */
function isWhole(access: Access, { waiting }: { waiting: number }): void {
  assert.equal(waiting, 0);
  const size = ask(access, 8);
  assert.equal((ask(access, 5) as unknown[]).length, size);
  assert.equal(ask(access, 8), 0);
}

const kinds: readonly Kind[] = [
  { name: 'locks', make: () => new LockBroker(), after: isFree },
  { name: 're-entrant locks', make: () => new LockBroker(true), after: isFree },
  { name: 'semaphores', make: () => new SemaphoreBroker(3), after: (access) => assert.equal(ask(access, 2), 3, 'all permits are there') },
  { name: 'events', make: () => new EventBroker(), after: (_, { waiting }) => assert.equal(waiting, 0) },
  { name: 'barriers', make: () => new BarrierBroker(3), after: (_, { waiting }) => assert.equal(waiting, 0) },
  { name: 'conditions', make: () => new ConditionBroker(), isTold: true, after: isFree },
  { name: 'queues', make: () => new QueueBroker(4), isTold: true, after: isWhole },
  { name: 'queues without end', make: () => new QueueBroker(Number.POSITIVE_INFINITY), isTold: true, after: isWhole },
];

const pick = <T>(lots: Lots, from: readonly T[]): T => from[Math.floor(lots() * from.length)];

/** Messages that a handle might send. */
function entry(lots: Lots, kind: Kind, ops: number, last: { id: number }): unknown[] {
  const old = Math.ceil(lots() * last.id);
  const lot = lots();
  if (lot < 0.6 || last.id === 0)
    return [Math.floor(lots() * ops), ++last.id, lots() < 0.2 ? old : 0, pick(lots, [1, 2, 3, 'item', undefined])];
  if (lot < 0.7 && kind.isTold) return [-4, old, 0, pick<unknown>(lots, [1, 5, ['x'], [], ['a', 'b']])];
  return [pick(lots, [-1, -2, -3, -3]), old, 0, undefined];
}

for (const kind of kinds) {
  campaign({
    name: `parties of ${kind.name}`,
    count: 3000,
    each: 12,
    async one(lots) {
      const broker = kind.make();
      const access = new LocalAccess(broker);
      const parties = [0, 1, 2].map(() => ({ party: new Party(broker, () => undefined), last: { id: 0 }, isGone: false }));
      for (let step = 0; step < 24; step++) {
        const one = pick(lots, parties);
        if (one.isGone) continue;
        const entries = Array.from({ length: 1 + Math.floor(lots() * 3) }, () => entry(lots, kind, broker.ops, one.last)).flat();
        const message = step % 2 === 0 ? entries : lots() < 0.1 ? anyValue(lots) : mutate(entries, lots);
        try {
          mustBePlain([message], 1e5); // so does the reader of frames
          one.party.message(message);
        } catch (error) {
          if (!isTold(error)) throw error;
          one.isGone = true;
          one.party.gone(); // so does the hub: the channel is closed
        }
        if (lots() < 0.1) await null; // what gathers for the end of a turn leaves
      }
      for (const { party } of parties) party.gone();
      await null;
      kind.after(access, broker);
    },
  });
}
