// A server that drains: no request is lost when it is told to end.
//
// Shows: each request as a task of one group; an `Event` for what the operating system says; `withTimeout` for how long what has begun may take; `group.cancel` for the
// rest, which still answers in its `finally`. server.ts is the program; this one starts it as a process of its own, sends requests, a real SIGTERM, and more
// requests, and looks at what became of them.
//
// Run it:  npm run build && node --import tsx examples/graceful-server/main.ts

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Event, gather, Queue, run, withTaskGroup } from 'meantime/tasks';

interface Server {
  readonly process: ChildProcess;
  readonly port: number;
  /** The requests that it says it has begun. */
  readonly begun: Set<string>;
  /** Is set when it has begun as many as were wanted. */
  readonly busy: Event;
  /** Is told how many requests were running when it began to stop. */
  readonly stopping: Queue<number>;
  /** Its exit code, once it has ended and everything that it had to tell has come. */
  readonly exit: Promise<number | null>;
}

async function start(grace: number, wanted: number): Promise<Server> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('server.ts', import.meta.url))], {
    env: { ...process.env, GRACE: String(grace), PORT: '0' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exit = Promise.all([once(child, 'exit'), once(child, 'disconnect')]).then(([[code]]) => code);
  const [begun, busy, stopping, ready] = [new Set<string>(), new Event(), new Queue<number>(1), new Queue<number>(1)];
  child.on('message', (message: { begun?: string; port?: number; stopping?: number }) => {
    if (message.begun !== undefined) begun.add(message.begun);
    if (begun.size === wanted) busy.set();
    if (message.port !== undefined) ready.tryPut(message.port);
    if (message.stopping !== undefined) stopping.tryPut(message.stopping);
  });
  return { process: child, port: await ready.get(), begun, busy, stopping, exit };
}

/** The status of the answer; `refused` if there was no connection to ask on. */
async function ask({ port }: Server, id: string, ms: number): Promise<number | 'refused'> {
  try {
    const request = get({ port, host: '127.0.0.1', path: `/work?id=${id}&ms=${ms}`, agent: false });
    const [response] = await once(request, 'response');
    response.resume();
    await once(response, 'end');
    return response.statusCode;
  } catch (error) {
    // A connection that the server had not accepted yet when it closed its door is reset, one that comes later is refused.
    assert.ok(['ECONNREFUSED', 'ECONNRESET'].includes((error as NodeJS.ErrnoException).code ?? ''), `${error}`);
    return 'refused';
  }
}

/** Asks without a pause, 10 at a time, until nobody answers the door any more; gives what became of each. */
async function siege(server: Server, prefix: string): Promise<Map<string, number | 'refused'>> {
  const answers = new Map<string, number | 'refused'>();
  let refused = 0;
  await withTaskGroup((group) => {
    for (let i = 0; i < 10; i++) {
      group.spawn(async () => {
        while (refused < 20) {
          const id = `${prefix}${answers.size}`;
          answers.set(id, 0); // under way
          const answer = await ask(server, id, 5 + (answers.size % 40));
          answers.set(id, answer);
          if (answer === 'refused') refused++;
        }
      });
    }
  });
  return answers;
}

async function drains() {
  const server = await start(10_000, 200);
  const [answers, running] = await gather([
    () => siege(server, 'r'),
    async () => {
      await server.busy.wait();
      server.process.kill('SIGTERM');
      return server.stopping.get();
    },
  ]);
  assert.equal(await server.exit, 0, 'the server exits with 0');
  const answered = [...answers].filter(([, answer]) => answer === 200).map(([id]) => id);
  assert.deepEqual(new Set(answered), server.begun, 'what was begun was answered, and nothing else');
  assert.ok([...answers.values()].every((answer) => answer === 200 || answer === 'refused'));
  assert.ok(running > 0, 'there was something to finish');
  return { answered: answered.length, running, refused: answers.size - answered.length };
}

async function givesUp() {
  const server = await start(300, 2);
  const [quick, endless] = await gather([
    () => ask(server, 'quick', 200),
    () => ask(server, 'endless', 600_000),
    async () => {
      await server.busy.wait();
      server.process.kill('SIGTERM');
    },
  ]);
  assert.equal(await server.exit, 0);
  assert.deepEqual([quick, endless], [200, 503]);
}

const { answered, running, refused } = await run(drains);
console.log('SIGTERM while requests kept coming: the door was closed, what had begun was finished, exit code 0');
await run(givesUp);
console.log('SIGTERM with a request that takes ten minutes: it was cancelled after the grace and answered with 503, exit code 0');
assert.ok(answered >= 200 && running >= 1 && refused >= 20);
console.log('proof: every request that the server had begun got its whole answer, and every other one was refused at the door');
