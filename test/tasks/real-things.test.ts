/**
 * What others have made takes `currentSignal()` and stops: fetch, streams, timers, events, child processes, web streams, a database. The border of the scope knows their AbortErrors. And async generators in
 * a group are closed when it ends.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { EventEmitter, getEventListeners, on, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addAbortSignal, PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, test } from 'node:test';
import { setTimeout as pause, setInterval as ticks } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  cancellable,
  currentSignal,
  defer,
  Event,
  Queue,
  run,
  sleep,
  type Task,
  type TaskGroup,
  withCancelScope,
  withShield,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';
import { forms } from './promises/forms.js';

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

/** A Redis server of its own for as long as `fn` runs, from Debian's package `redis-server`. */
async function withRedis(fn: (port: number) => Promise<void>): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  const redis = spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']);
  const ended = once(redis, 'exit');
  try {
    for await (const text of redis.stdout.setEncoding('utf8')) if (/Ready to accept connections/.test(text)) break;
    await fn(port);
  } finally {
    redis.kill();
    await ended;
  }
}

/** As small as a client can be: one command at a time, which ends its connection when the signal aborts, since the protocol has no other way to take back a command that blocks. */
class Redis {
  readonly #socket: Socket;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.setEncoding('utf8');
  }

  async command(words: string[], signal = currentSignal()): Promise<string> {
    signal?.throwIfAborted();
    this.#socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
    const abort = () =>
      this.#socket.destroy(Object.assign(new Error('The command was aborted', { cause: signal?.reason }), { name: 'AbortError' }));
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const [reply] = await once(this.#socket, 'data');
      return reply;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

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

const found = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
const skip = found.error ? "there is no redis-server here: Debian's package of that name has it" : false;
test('a Redis client that blocks stops when its scope is cancelled, and another one goes on', { skip }, () =>
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

/** An async generator with something to clean up, and its way out. */
async function* numbers(seen: string[], wait: () => PromiseLike<unknown>): AsyncGenerator<number> {
  try {
    for (let n = 0; ; n++) {
      yield n;
      await wait();
    }
  } finally {
    await withShield(() => sleep(1));
    seen.push('closed');
  }
}

const ways: [name: string, consume: (group: TaskGroup, seen: string[]) => void][] = [
  [
    'while the consumer waits',
    (group, seen) => {
      group.spawn(async () => {
        for await (const n of numbers(seen, () => sleep(0))) if (n === 3) await sleep(60_000);
      });
    },
  ],
  [
    'while the generator waits',
    (group, seen) => {
      group.spawn(async () => {
        for await (const _ of numbers(seen, () => sleep(60_000)));
      });
    },
  ],
  [
    'while the generator waits for somebody else’s promise',
    (group, seen) => {
      const never = new Promise(() => {});
      group.spawn(async () => {
        for await (const _ of numbers(seen, () => cancellable(never)));
      });
    },
  ],
  [
    'while it waits to put what it has into a full queue',
    (group, seen) => {
      const queue = new Queue<number>(2);
      group.spawn(async () => {
        for await (const n of numbers(seen, () => sleep(0))) await queue.put(n);
      });
    },
  ],
  [
    'one generator around another',
    (group, seen) => {
      async function* doubled(): AsyncGenerator<number> {
        try {
          for await (const n of numbers(seen, () => sleep(0))) yield 2 * n;
        } finally {
          seen.push('outer closed');
        }
      }
      group.spawn(async () => {
        for await (const n of doubled()) if (n === 4) await sleep(60_000);
      });
    },
  ],
];

for (const [name, consume] of ways) {
  for (const [end, stop] of [
    ['cancelled', (group: TaskGroup) => void group.cancel()],
    [
      'failed',
      (group: TaskGroup) =>
        void group.spawn(() => {
          throw new RangeError('failed');
        }),
    ],
  ] as const) {
    test(`an async generator in a group that is ${end}, ${name}: it is closed when the group ends`, async () => {
      const seen: string[] = [];
      await withTaskGroup(async (group) => {
        consume(group, seen);
        await sleep(5);
        assert.deepEqual(seen, []);
        stop(group);
      }).catch((error) => assert.equal(`${end}: ${error.message}`, 'failed: failed'));
      assert.deepEqual(seen, name.startsWith('one') ? ['closed', 'outer closed'] : ['closed']);
    });
  }
}

test('an async generator that is iterated by hand is closed with `defer`', async () => {
  const seen: string[] = [];
  await withTaskGroup(async (group) => {
    group.spawn(async () => {
      const iterator = numbers(seen, () => sleep(0));
      defer(() => iterator.return(undefined));
      assert.deepEqual((await iterator.next()).value, 0);
    });
  });
  assert.deepEqual(seen, ['closed']);
});

test('a break closes it at once, and the group goes on', async () => {
  const seen: string[] = [];
  await run(() =>
    withTaskGroup(async () => {
      for await (const n of numbers(seen, () => sleep(0))) if (n === 2) break;
      seen.push('after the loop');
    }),
  );
  assert.deepEqual(seen, ['closed', 'after the loop']);
});
