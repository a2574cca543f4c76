import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serialize } from 'node:v8';
import type { ConnectionClosedError } from '../../core/index.js';
import { hold, release } from '../connection/hold.js';
import { hub } from '../hub/hub.js';
import { openChannel } from '../hub/hub-client.js';
import type { Service } from '../hub/service.js';
import { ConditionBroker, ConditionOp } from './condition-broker.js';
import { LockBroker, LockOp } from './lock-broker.js';
import { ToBroker, ToHandle } from './message.js';
import { Here, originOf } from './origin.js';
import { ProcessCondition } from './process-condition.js';
import { ProcessLock } from './process-lock.js';
import { ProcessQueue } from './process-queue.js';
import { ProcessSemaphore } from './process-semaphore.js';
import { QueueBroker, QueueOp, QueueTell } from './queue-broker.js';
import { RemoteAccess } from './remote-access.js';
import { SemaphoreBroker, SemaphoreOp } from './semaphore-broker.js';

/*
 * Peers that passed the handshake and then say what no handle says. Over the hub's real socket, from this process to itself.
 */

before(hold);
after(release);

interface Stranger {
  say(body: unknown): void;
  heard(): Promise<unknown[]>;
  closed: Promise<ConnectionClosedError>;
  close(): void;
}

function stranger(origin: Here): Stranger {
  const heard: unknown[][] = [];
  let wake = (): void => undefined;
  let end = (_: ConnectionClosedError): void => undefined;
  const closed = new Promise<ConnectionClosedError>((resolve) => {
    end = resolve;
  });
  const told = (body: unknown) => {
    heard.push(body as unknown[]);
    wake();
  };
  const channel = openChannel(origin.where(), undefined, { told, closed: (error) => end(error) });
  return {
    say: (body) => channel.tell(body),
    async heard() {
      while (heard.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return heard.shift() as unknown[];
    },
    closed,
    close: () => channel.close(),
  };
}

function round(): unknown[] {
  const list: unknown[] = [LockOp.ACQUIRE, 2, 0];
  list.push(list);
  return list;
}

function holes(): unknown[] {
  const list: unknown[] = [];
  list.length = 2 ** 32 - 4;
  return list;
}

const rubbish: [string, unknown][] = [
  ['no list', 'hello'],
  ['nothing', undefined],
  ['half an entry', [LockOp.ACQUIRE, 9, 0]],
  ['no numbers', ['a', 'b', 0, undefined]],
  ['a meaning that there is not', [-99, 1, 0, undefined]],
  ['the number of an ask twice', [LockOp.ACQUIRE, 1, 0, undefined]],
  ['the release of what was never asked for', [ToBroker.RELEASE, 7, 0, undefined]],
  ['the release of what it waits for', [LockOp.ACQUIRE, 2, 0, undefined, ToBroker.RELEASE, 2, 0, undefined]],
  ['an operation that there is not', [LockOp.TRY + 1, 2, 0, undefined]],
  ['a number again', [LockOp.TRY, 2, 0, undefined, LockOp.TRY, 2, 0, undefined]],
  ['a lock lent to another lock', [LockOp.ACQUIRE, 2, 1, undefined]],
  ['a cancellation of what was never asked', [ToBroker.CANCEL, 9, 0, undefined]],
  ['a word for what takes none', [ToBroker.TELL, 1, 0, 'x']],
  ['a list in itself', round()],
  ['a list of nothing, without end', holes()],
];

/** Not even the frame can be read: the other side of the connection is not told why. */
const isFrame = new Set(['a list in itself', 'a list of nothing, without end']);

for (const [what, body] of rubbish) {
  test(`${what}: that one is cut off, what it held is free, and nobody else is harmed`, async () => {
    const origin = new Here(new LockBroker());
    const lock = new ProcessLock(origin);
    const one = stranger(origin);
    one.say([LockOp.ACQUIRE, 1, 0, undefined]);
    assert.deepEqual(await one.heard(), [1, 1, false]);
    const waiting = lock.acquire();
    one.say(body);
    const error = await one.closed;
    assert.equal(error.code, 'MEANTIME_CONNECTION_CLOSED');
    if (!isFrame.has(what)) assert.equal((error.cause as Error | undefined)?.name, 'WireError');
    const guard = await waiting;
    assert.equal(guard.abandoned?.name, 'AbandonedError');
    guard.release();
    lock[Symbol.dispose]();
  });
}

for (const what of ['RELEASE', 'CANCEL'] as const) {
  test(`${what} of a lock that is lent to a wait: that one is cut off, and the lock is nobody's`, async () => {
    const origin = new Here(new ConditionBroker());
    const one = stranger(origin);
    one.say([ConditionOp.ACQUIRE, 1, 0, undefined]);
    assert.deepEqual(await one.heard(), [1, 1, false]);
    one.say([ConditionOp.WAIT, 2, 1, undefined, ToBroker[what], 1, 0, undefined]);
    const condition = new ProcessCondition(origin);
    await condition.with((guard) => guard.notifyAll());
    assert.equal(((await one.closed).cause as Error | undefined)?.name, 'WireError');
    await condition.with(() => undefined, { timeout: 5000 });
    condition[Symbol.dispose]();
  });
}

test('an item that is no value, or a handle of a kind that is not known here: an error for who gets it', async () => {
  const origin = new Here(new QueueBroker(10));
  const queue = new ProcessQueue<unknown>(10, origin);
  const one = stranger(origin);
  const placeholder = {};
  const handles = ['threads/Nope', 'processes/Nope', 'nowhere/Nope', '', 7].map((kind) =>
    Buffer.concat([Buffer.from([1]), serialize([placeholder, [[], [[placeholder, kind, 0]]]])]),
  );
  const strange = [Buffer.from([0, 1, 2]), Buffer.alloc(0), ...handles];
  for (const [i, item] of [...strange, 'good'].entries()) one.say([QueueOp.PUT, i + 1, 0, item]);
  for (let i = 0; i < strange.length; i++)
    await assert.rejects(queue.get({ timeout: 5000 }), (error: Error) => error.name !== 'TimeoutError');
  assert.equal(await queue.get({ timeout: 5000 }), 'good');
  one.say([QueueOp.PUT, 20, 0, Buffer.alloc(0), QueueOp.PUT, 21, 0, 'better']);
  const items = queue.items({ prefetch: 2 });
  await assert.rejects(items.next(), { code: 'MEANTIME_WIRE' });
  assert.deepEqual(await items.next(), { done: false, value: 'better' });
  one.say([ToBroker.TELL, 0, QueueTell.GIVE_BACK, 'no items']);
  one.say([ToBroker.TELL, 0, QueueTell.GIVE_BACK, 5]);
  await one.closed;
  await items.return?.();
  queue[Symbol.dispose]();
});

test('an object that is gone, or was never there', async () => {
  const origin = new Here(new LockBroker());
  const [path, key, id] = origin.where();
  const lock = new ProcessLock(origin);
  lock[Symbol.dispose]();
  const again = new ProcessLock(originOf([path, key, id]));
  await assert.rejects(again.acquire(), { code: 'MEANTIME_CONNECTION_CLOSED' });
  const nobody = new ProcessLock(originOf([`${path}-not-there`, key, id]));
  await assert.rejects(nobody.acquire(), { code: 'MEANTIME_CONNECTION_CLOSED' });
  await assert.rejects(nobody.tryAcquire(), { code: 'MEANTIME_CONNECTION_CLOSED' });
});

test('permits that are no number: each ask is refused by name, and whoever asked goes on', { timeout: 20_000 }, async () => {
  const origin = new Here(new SemaphoreBroker(3));
  const one = stranger(origin);
  const strange: unknown[] = [0, 4, 1.5, Number.NaN, 'x', null, {}, { toString: 5 }, [{ toString: 5 }], { valueOf: 5, toString: null }];
  for (const [i, permits] of strange.entries()) {
    one.say([i % 2 === 0 ? SemaphoreOp.ACQUIRE : SemaphoreOp.TRY, i + 1, 0, permits]);
    const [what, id, error] = await one.heard();
    assert.deepEqual([what, id], [ToHandle.REFUSED, i + 1]);
    assert.match(Buffer.from(error as Uint8Array).toString('latin1'), /MEANTIME_OPTION/);
  }
  const semaphore = new ProcessSemaphore(3, origin);
  (await semaphore.acquire(3, { timeout: 5000 })).release();
  one.close();
  semaphore[Symbol.dispose]();
});

for (const [what, said] of [
  ['that it was cancelled', ToHandle.CANCELLED],
  ['something that there is not', 9],
] as const) {
  test(`a broker that says of an ask that nobody cancelled ${what}: the ask fails, and does not wait for ever`, {
    timeout: 20_000,
  }, async () => {
    const service: Service = {
      told(peer, body) {
        peer.tell([said, (body as unknown[])[1], undefined]);
      },
    };
    const where = hub.where(hub.host(service));
    const access = RemoteAccess.to(where); // over the socket, though it is here
    const lock = new ProcessLock({ access, where: () => where, end: () => access.end() });
    const isBroken = (error: Error & { code?: string }): boolean =>
      error.code === 'MEANTIME_CONNECTION_CLOSED' && (error.cause as Error | undefined)?.name === 'WireError';
    await assert.rejects(lock.acquire({ timeout: 5000 }), isBroken);
    await assert.rejects(lock.tryAcquire(), isBroken);
    lock[Symbol.dispose]();
    hub.end(service);
  });
}
