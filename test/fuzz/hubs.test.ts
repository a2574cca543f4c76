import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { campaign, inside } from './campaign.js';
import { anyValue, type Lots, mutate } from './mutate.js';

/*
 * Peers that know the key, over the real socket of a hub: what they say to every service, and what
 * a hub says to those who ask it.
 */

const { hub } = await inside('processes/hub/hub.js');
const { introduce } = await inside('processes/connection/handshake.js');
const { writeBatch } = await inside('processes/connection/batch.js');
const { pack } = await inside('processes/connection/packed.js');
const { hold, release } = await inside('processes/connection/hold.js');
const { Gate } = await inside('processes/connection/gate.js');
const { listenPrivately } = await inside('processes/connection/socket-path.js');
const { Here, originOf } = await inside('processes/broker/origin.js');
const { ProcessLock } = await inside('processes/broker/process-lock.js');
const { ProcessCondition } = await inside('processes/broker/process-condition.js');
const { ProcessSemaphore } = await inside('processes/broker/process-semaphore.js');
const { ProcessQueue } = await inside('processes/broker/process-queue.js');
const { LockBroker } = await inside('processes/broker/lock-broker.js');
const { SemaphoreBroker } = await inside('processes/broker/semaphore-broker.js');
const { ConditionBroker } = await inside('processes/broker/condition-broker.js');
const { QueueBroker } = await inside('processes/broker/queue-broker.js');
const { Host } = await inside('processes/manager/host.js');
const { Manager } = await inside('processes/manager/manager.js');
const { LocalLink, linkTo } = await inside('processes/manager/link.js');
const { makeRemote } = await inside('processes/manager/remote-object.js');
const { pipe } = await inside('processes/pipe/pipe.js');
const { travels } = await inside('core/travel.js');

const pick = <T>(lots: Lots, from: readonly T[]): T => from[Math.floor(lots() * from.length)];

async function admitted(path: string, key: Uint8Array): Promise<Socket> {
  const socket = connect(path);
  socket.on('error', () => undefined);
  await new Promise<void>((resolve, reject) =>
    introduce(socket, key, 5000, (error: Error | undefined) => (error ? reject(error) : resolve())),
  );
  socket.resume();
  return socket;
}

class Counter {
  n = 1;
  add(by: number): number {
    return by;
  }
  *items(): Generator<number> {
    for (let i = 0; i < 5; i++) yield i;
  }
}

const origins = {
  lock: new Here(new LockBroker()),
  semaphore: new Here(new SemaphoreBroker(3)),
  condition: new Here(new ConditionBroker()),
  queue: new Here(new QueueBroker(8)),
};
const host = new Host();
const manager = Manager.over(new LocalLink(host));
// A peer that has the manager may end it, and a mutation finds that word: it is not to end the
// campaign.
host.shutdown = async () => undefined;
const counter = await manager.create(Counter);
const [, handle] = [manager, counter[travels]().parts];
const path = origins.lock.where()[0] as string;
const key = origins.lock.where()[1] as Uint8Array;
const args = (values: unknown[]): unknown => pack('x', values, 1000).packed;

/** A frame that a peer might send: what it opens, and what it says there. */
function frame(lots: Lots, ids: Record<string, string>): unknown[] {
  const items: unknown[] = [0, process.pid, 0, undefined];
  const service = pick(lots, Object.keys(ids));
  const body = service === 'pipe' ? pick(lots, [1, 2, undefined]) : undefined;
  items.push(1, 1, ids[service], service === 'host' ? pick(lots, [undefined, host.secret]) : body);
  for (let n = Math.floor(lots() * 4); n >= 0; n--) {
    const id = 1 + n;
    if (service === 'host')
      items.push(
        ...pick<() => unknown[]>(lots, [
          () => [3, 1, 0, [0, handle[1], 'ticket']],
          () => [2, 1, id, [1, handle[1], 'add', args([1])]],
          () => [2, 1, id, [1, handle[1], 'items', args([])]],
          () => [2, 1, id, [2, handle[1], 'n']],
          () => [2, 1, id, [3, handle[1], 'n', args([5])]],
          () => [2, 1, id, [4, 1, 8]],
          () => [2, 1, id, [5]],
          () => [3, 1, 0, [1, handle[1]]],
          () => [3, 1, 0, [3, 1]],
          () => [4, 1, id, undefined],
        ])(),
      );
    else if (service === 'pipe')
      items.push(
        ...pick<() => unknown[]>(lots, [
          () => [3, 1, 0, 'data'],
          () => [3, 1, 0, args(['data'])],
          () => [3, 1, 1, 1],
          () => [3, 1, 2, undefined],
          () => [3, 1, 3, 1],
          () => [3, 1, 4, 1],
          () => [2, 1, id, 0],
          () => [5, 1, 0, undefined],
        ])(),
      );
    else
      items.push(
        3,
        1,
        0,
        pick<() => unknown[]>(lots, [
          () => [0, 10 - n, 0, 1],
          () => [1, 10 - n, 0, 1],
          () => [2, 10 - n, 9 - n, 1],
          () => [3, 10 - n, 0, args([1])],
          () => [-3, 10 - n, 0, undefined],
          () => [-1, 10 - n, 0, undefined],
          () => [-4, 10 - n, 0, ['back']],
        ])(),
      );
  }
  return items;
}

campaign({
  name: 'peers of a hub',
  count: 1500,
  each: 3,
  async one(lots) {
    const [end, other] = pipe();
    end.send('waits').catch(() => undefined);
    const [, , pipeId] = other[travels]().parts as string[];
    const ids: Record<string, string> = { host: hub.host(host), pipe: pipeId };
    for (const [name, origin] of Object.entries(origins)) ids[name] = origin.where()[2];
    const socket = await admitted(path, key);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    for (let n = 0; n < 3 && socket.writable; n++) {
      const items = frame(lots, ids);
      const said = lots() < 0.05 ? [anyValue(lots)] : mutate(items, lots);
      try {
        for (const piece of writeBatch((Array.isArray(said) ? said : [said]) as unknown[])) socket.write(piece);
      } catch {
        // It cannot be written at all, by anybody.
      }
      if (lots() < 0.5) await new Promise((resolve) => setImmediate(resolve));
    }
    socket.end();
    await closed;
    await end.close();
    await other.close();
  },
  async after() {
    const limits = { timeout: 5000 };
    await new ProcessLock(origins.lock).with(() => undefined, limits);
    await new ProcessCondition(origins.condition).with(() => undefined, limits);
    const semaphore = new ProcessSemaphore(3, origins.semaphore);
    (await semaphore.acquire(3, limits)).release();
    const queue = new ProcessQueue(8, origins.queue);
    const size = await queue.size();
    const left = await queue.close({ discard: true }).catch((error: Error) => error);
    if (Array.isArray(left)) assert.equal(left.length, size);
    assert.equal(await counter.add(2), 2);
    assert.equal(await manager.objects(), 1);
  },
  async end() {
    counter[Symbol.dispose]();
    delete host.shutdown;
    for (const origin of Object.values(origins)) origin.end();
    await manager.shutdown();
  },
});

/** Answers that a hub might give. */
function answers(lots: Lots): unknown[] {
  const id = 1 + Math.floor(lots() * 2);
  const error = pack('x', new Error('an error'), 1000).packed;
  return pick<() => unknown[]>(lots, [
    () => [2, 1, 0, [0, id, undefined]],
    () => [2, 1, 0, [1, id, false]],
    () => [2, 1, 0, [0, id, ['an item', 2]]],
    () => [2, 1, 0, [2, id, { '@meantime': 'error', flat: { class: 'Error', stack: 'x', own: [] } }]],
    () => [2, 1, 0, [3, id, true]],
    () => [0, 1, id, ['1.abc', 'Counter', '["add","items"]']],
    () => [0, 1, id, [0, 'a value']],
    () => [0, 1, id, [1, 7]],
    () => [0, 1, id, [false, 1, 2]],
    () => [0, 1, id, 3],
    () => [1, 1, id, error],
    () => [3, 1, 0, error],
    () => [3, 1, 0, undefined],
  ])();
}

const hostKey = randomBytes(32);
let serve: (socket: Socket) => void = () => undefined;
const gate = new Gate(hostKey, 5000, { admitted: (socket: Socket) => serve(socket), refused: () => undefined });
gate.opened(listenPrivately(gate.server));
hold();

campaign({
  name: 'a hub that answers anything',
  count: 1000,
  each: 3,
  async one(lots) {
    const where = [gate.path, hostKey, `1.${'A'.repeat(22)}`];
    const signal = AbortSignal.timeout(10_000);
    let sockets = 0;
    serve = (socket) => {
      sockets++;
      socket.on('error', () => undefined);
      socket.resume();
      for (let n = 0; n < 3; n++) {
        const said = mutate([...answers(lots), ...answers(lots)], lots);
        try {
          for (const piece of writeBatch((Array.isArray(said) ? said : [said]) as unknown[])) socket.write(piece);
        } catch {
          // It cannot be written at all, by anybody.
        }
      }
      socket.end();
    };
    const things: { ask: () => Promise<unknown>; end: () => void }[] = [
      () => {
        const lock = new ProcessLock(originOf(where));
        return { ask: async () => await lock.acquire({ signal }), end: () => lock[Symbol.dispose]() };
      },
      () => {
        const queue = new ProcessQueue(4, originOf(where));
        return { ask: async () => await queue.getMany(2, { signal }), end: () => queue[Symbol.dispose]() };
      },
      () => {
        const condition = new ProcessCondition(originOf(where));
        return {
          ask: async () => await condition.with((guard: { wait(o: object): unknown }) => guard.wait({ signal }), { signal }),
          end: () => condition[Symbol.dispose](),
        };
      },
      () => {
        const remote = makeRemote(linkTo(where), '1.x', 'Counter', ['add', 'items']);
        return {
          ask: async () => {
            for await (const _ of remote.items());
          },
          end: () => remote[Symbol.dispose](),
        };
      },
      () => {
        const remote = makeRemote(linkTo(where), '1.x', 'Counter', ['add', 'items']);
        return { ask: async () => await Manager.read(remote, 'n'), end: () => remote[Symbol.dispose]() };
      },
    ].map((make) => make());
    const thing = pick(lots, things);
    const outcome = await thing.ask().then(
      () => undefined,
      (error: unknown) => error,
    );
    for (const one of things) one.end();
    if (outcome !== undefined && !(outcome instanceof Error && outcome.message === 'an error')) {
      const code = String((outcome as { code?: unknown }).code);
      assert.ok(code.startsWith('MEANTIME_') && code !== 'MEANTIME_TIMEOUT', `${sockets}: ${(outcome as Error).stack}`);
    }
  },
  end() {
    gate.close(true);
    release();
  },
});
