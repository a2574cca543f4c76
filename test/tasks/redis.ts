import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { currentSignal } from 'meantime/tasks';

/** Why there can be no test with Redis here; `false` if there can. */
export const noRedis = spawnSync('redis-server', ['--version']).error
  ? "there is no redis-server here: Debian's package of that name has it"
  : false;

/** A Redis server of its own for as long as `fn` runs, from Debian's package `redis-server`. */
export async function withRedis(fn: (port: number) => Promise<void>): Promise<void> {
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
export class Redis {
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
