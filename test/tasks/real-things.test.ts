/**
 * What others have made takes `currentSignal()` and stops: fetch, streams, timers, events, child processes, web streams, a database. The border of the scope knows their AbortErrors.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { EventEmitter, getEventListeners, on, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addAbortSignal, PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, test } from 'node:test';
import { setTimeout as pause, setInterval as ticks } from 'node:timers/promises';
import { promisify } from 'node:util';
import { currentSignal, Event, type Task, withCancelScope, withShield, withTaskGroup, withTimeout } from 'meantime/tasks';
import { forms } from './promises/forms.js';
import { noRedis, Redis, withRedis } from './redis.js';

/** Something of somebody else's that goes on until its signal aborts. */
interface Thing {
  /** Begins it; `began` is to be called when there is something to stop. */
  start(signal: AbortSignal, began: () => void): PromiseLike<unknown>;
  /** Waits until it can be seen from outside that it has stopped. */
  stopped(): Promise<unknown>;
}

/** `events.once` would fail with the errors that these emit when they are aborted. */
const event = (of: NodeJS.EventEmitter, name: string) => new Promise((resolve) => of.once(name, resolve));

let url = '';
let silent: IncomingMessage[] = [];
const web = createServer((request, response) => {
  silent.push(request.on('error', () => undefined)); // aborted
  if (request.url === '/endless') response.write('and so on');
  web.emit('asked');
});
before(async () => {
  await once(web.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
});
after(async () => {
  web.closeAllConnections();
  await once(web.close(), 'close');
});
/** The server has seen the client go away. */
async function clientGone(): Promise<void> {
  await Promise.all(silent.map((request) => request.destroyed || event(request, 'close')));
  silent = [];
}

const emitter = new EventEmitter();
const noListeners = async () => assert.deepEqual([emitter.listenerCount('event'), emitter.listenerCount('error')], [0, 0]);
const endless = () =>
  new Readable({
    read() {
      setImmediate(() => this.push('x'));
    },
  });
const slowSink = () => new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void setImmediate(done) });

const things: Record<string, () => Thing> = {
  'fetch, before the answer': () => ({
    start(signal, began) {
      web.once('asked', began);
      return fetch(`${url}/silent`, { signal });
    },
    stopped: clientGone,
  }),
  'fetch, in the middle of the body': () => ({
    async start(signal, began) {
      const response = await fetch(`${url}/endless`, { signal });
      began();
      return response.text();
    },
    stopped: clientGone,
  }),
  'a pipeline of Node streams'() {
    const [from, through, to] = [endless(), new PassThrough(), slowSink()];
    return {
      start(signal, began) {
        through.once('data', began);
        return pipeline(from, through, to, { signal });
      },
      stopped: async () => assert.deepEqual([from.destroyed, through.destroyed, to.destroyed], [true, true, true]),
    };
  },
  'for await over a Node stream'() {
    const stream = endless();
    return {
      async start(signal, began) {
        for await (const _ of addAbortSignal(signal, stream)) began();
      },
      stopped: async () => assert.equal(stream.destroyed, true),
    };
  },
  'timers/promises'() {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    return {
      start(signal, began) {
        began();
        return pause(60_000, undefined, { signal });
      },
      async stopped() {
        while (timers() > before) await new Promise((resolve) => setImmediate(resolve));
      },
    };
  },
  'an interval of timers/promises'() {
    let count = 0;
    return {
      async start(signal, began) {
        for await (const _ of ticks(1, undefined, { signal })) {
          count++;
          began();
        }
      },
      async stopped() {
        const before = count;
        await pause(10);
        assert.equal(count, before);
      },
    };
  },
  'events.once': () => ({
    start(signal, began) {
      began();
      return once(emitter, 'event', { signal });
    },
    stopped: noListeners,
  }),
  'events.on': () => ({
    async start(signal, began) {
      setImmediate(() => emitter.emit('event', 1));
      for await (const _ of on(emitter, 'event', { signal })) began();
    },
    stopped: noListeners,
  }),
  execFile() {
    let child: ChildProcess;
    let ended: Promise<unknown>;
    return {
      start(signal, began) {
        const running = promisify(execFile)(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], { signal });
        child = running.child;
        ended = event(child, 'exit');
        child.stdout?.once('data', began);
        return running;
      },
      async stopped() {
        await ended;
        assert.equal(child.signalCode, 'SIGTERM');
      },
    };
  },
  spawn() {
    let child: ChildProcess;
    let ended: Promise<unknown>;
    return {
      start(signal, began) {
        child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], { signal });
        ended = event(child, 'exit');
        child.stdout?.once('data', began);
        return once(child, 'close'); // fails with the child's own error: it was aborted
      },
      async stopped() {
        await ended;
        assert.equal(child.signalCode, 'SIGTERM');
      },
    };
  },
  'a pipe of web streams'() {
    const ends: Promise<unknown>[] = [];
    const end = () => {
      let stop: (reason: unknown) => void = () => undefined;
      ends.push(
        new Promise((resolve) => {
          stop = resolve;
        }),
      );
      return (reason: unknown) => stop(reason);
    };
    return {
      start(signal, began) {
        const from = new ReadableStream({
          async pull(controller) {
            await new Promise((resolve) => setImmediate(resolve));
            controller.enqueue('x');
          },
          cancel: end(),
        });
        return from.pipeTo(new WritableStream({ write: began, abort: end() }), { signal });
      },
      async stopped() {
        const reasons = (await Promise.all(ends)) as Error[];
        assert.deepEqual(
          reasons.map((reason) => reason.name),
          ['AbortError', 'AbortError'],
        );
      },
    };
  },
  'watching a folder'() {
    const folder = mkdtempSync(join(tmpdir(), 'watched-'));
    return {
      async start(signal, began) {
        setImmediate(began);
        for await (const _ of watch(folder, { signal })) began();
      },
      stopped: async () => rmSync(folder, { recursive: true }),
    };
  },
};

/** Three ways to be stopped, each with what the border makes of it. */
const stops: [name: string, stop: (work: (began: () => void) => unknown) => PromiseLike<void>][] = [
  [
    'a cancelled task',
    (work) =>
      withTaskGroup(async (group) => {
        const begun = new Event();
        const task = group.spawn(() => work(() => begun.set())) as Task<unknown>;
        await begun.wait();
        assert.equal(task.cancel(), true);
        await assert.rejects(Promise.resolve(withShield(() => task)), { name: 'AbortError' });
        assert.equal(task.state, 'cancelled');
      }),
  ],
  [
    'a cancel scope',
    async (work) => {
      assert.equal(await withCancelScope((scope) => work(() => scope.cancel())), undefined);
    },
  ],
  [
    'a time limit',
    (work) =>
      assert.rejects(
        withTimeout(60_000, (scope) => work(() => void scope.reschedule(0))),
        { name: 'TimeoutError' },
      ),
  ],
];

/** The whole of it, for one thing: every way to be stopped, in both forms. */
async function stopEach(make: () => Thing): Promise<void> {
  for (const [how, stop] of stops) {
    for (const [kind, form] of forms) {
      const thing = make();
      const work = form(function* (began: () => void): Generator<unknown, unknown, unknown> {
        const signal = currentSignal() as AbortSignal;
        const listeners = getEventListeners(signal, 'abort').length;
        try {
          return yield thing.start(signal, began);
        } finally {
          assert.equal(signal.aborted, true);
          if (kind === 'async') assert.ok(getEventListeners(signal, 'abort').length <= listeners + 1);
        }
      });
      await stop(work);
      await assert.doesNotReject(thing.stopped(), `${how}, ${kind}`);
    }
  }
}

for (const [name, make] of Object.entries(things)) test(`${name} stops when its scope is cancelled`, () => stopEach(make));

test('a Redis client that blocks stops when its scope is cancelled, and another one goes on', { skip: noRedis }, () =>
  withRedis(async (port) => {
    const bystander = new Redis(port);
    assert.equal(await bystander.command(['SET', 'key', 'value']), '+OK\r\n');
    let clients: Redis[] = [];
    await stopEach(() => ({
      async start(signal, began) {
        const client = new Redis(port);
        clients.push(client);
        const blocked = client.command(['BLPOP', 'empty', '0'], signal);
        // When the server counts it as blocked there is something to stop.
        while (!/blocked_clients:[1-9]/.test(await bystander.command(['INFO', 'clients'], undefined))) await null;
        began();
        return blocked;
      },
      async stopped() {
        while (!/blocked_clients:0/.test(await bystander.command(['INFO', 'clients']))) await null;
        for (const client of clients) client.close();
        clients = [];
      },
    }));
    assert.equal(await bystander.command(['GET', 'key']), '$5\r\nvalue\r\n');
    bystander.close();
  }),
);
