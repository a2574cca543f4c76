// The price of the seal of a frame on the connections of a Listener, beside the same connection
// without it. Both ends are in this process, so it pays for sealing and for opening; rounds of the
// two take turns, and the best of each is told.
// npm run build && node bench/sealed.mjs [--quick]
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FrameSocket } from '../build/src/processes/connection/frame-socket.js';
import { Seal } from '../build/src/processes/connection/seal.js';

const quick = process.argv.includes('--quick');
const folder = mkdtempSync(join(tmpdir(), 'meantime-bench-'));
const path = join(folder, 's');

async function pair(sealed) {
  const server = createServer({ pauseOnConnect: true }).listen(path);
  await once(server, 'listening');
  const near = connect(path).pause();
  const [far] = await once(server, 'connection');
  server.close();
  const [there, back] = [randomBytes(32), randomBytes(32)];
  const seals = sealed ? [new Seal(there, back), new Seal(back, there)] : [];
  const ends = [near, far].map((socket, i) => {
    const end = { take: () => undefined, room: undefined };
    end.frames = new FrameSocket(
      socket,
      { most: 2 ** 30, seal: seals[i] },
      { frame: (items) => end.take(items), room: () => end.room?.(), end: (error) => error && console.error(error) },
    );
    end.frames.start(Buffer.alloc(0));
    socket.ref();
    return end;
  });
  return ends;
}

/** One small message there and one back, so many times: µs for both. */
async function roundTrips(sealed, count) {
  const [a, b] = await pair(sealed);
  let left = count;
  const begun = process.hrtime.bigint();
  await new Promise((done) => {
    b.take = ([n]) => b.frames.put(n, 32);
    a.take = ([n]) => (--left === 0 ? done() : a.frames.put(n + 1, 32));
    a.frames.put(0, 32);
  });
  const took = Number(process.hrtime.bigint() - begun) / 1000 / count;
  for (const { frames } of [a, b]) frames.destroy();
  return took;
}

/** Messages of a size one way: µs for each. */
async function stream(sealed, count, message, size) {
  const [a, b] = await pair(sealed);
  let [sent, got] = [0, 0];
  const begun = process.hrtime.bigint();
  await new Promise((done) => {
    b.take = (items) => {
      got += items.length;
      if (got === count) done();
    };
    const send = () => {
      while (sent < count && !a.frames.full) {
        a.frames.put(message, size);
        sent++;
      }
    };
    a.room = send;
    send();
  });
  const took = Number(process.hrtime.bigint() - begun) / 1000 / count;
  for (const { frames } of [a, b]) frames.destroy();
  return took;
}

const n = (count) => Math.ceil(quick ? count / 10 : count);
const rows = [
  ['one number there and back, awaited', (sealed) => roundTrips(sealed, n(10_000))],
  ['numbers one way, as many as go', (sealed) => stream(sealed, n(1_000_000), 7, 32)],
  ['64 KB one way', (sealed) => stream(sealed, n(8000), new Uint8Array(65_536), 65_568)],
  ['1 MB one way', (sealed) => stream(sealed, n(1000), new Uint8Array(2 ** 20), 2 ** 20)],
];
for (const [what, measure] of rows) {
  const best = { plain: Number.POSITIVE_INFINITY, sealed: Number.POSITIVE_INFINITY };
  for (let round = 0; round < (quick ? 2 : 7); round++)
    for (const how of ['plain', 'sealed']) best[how] = Math.min(best[how], await measure(how === 'sealed'));
  console.log(
    `${what}: ${best.plain.toFixed(3)} µs without, ${best.sealed.toFixed(3)} µs sealed, ${(best.sealed / best.plain).toFixed(2)} times`,
  );
}
rmSync(folder, { recursive: true });
