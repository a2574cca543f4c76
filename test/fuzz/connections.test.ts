import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect as open } from 'node:net';
import { type Connection, connect, Listener } from 'meantime/processes';
import { all, between, PIECES, relayTo, type Way } from '../fixtures/processes/relay.js';
import { campaign, inside, isTold } from './campaign.js';
import { type Lots, lotsOf, mutateBytes } from './mutate.js';

/*
 * Strangers at a listener, and those who stand between two that know the key: nobody is let in by
 * mistake, nothing is taken that was not said, and those who know the key are served meanwhile.
 */

const { Seal } = await inside('processes/connection/seal.js');

const key = randomBytes(32);
const codes = new Set(['MEANTIME_WIRE', 'MEANTIME_AUTHENTICATION', 'MEANTIME_CONNECTION_CLOSED', 'MEANTIME_TIMEOUT', 'MEANTIME_TOO_LARGE']);
const isNamed = (error: unknown): void => assert.ok(codes.has(String((error as { code?: string }).code)), String((error as Error).stack));
const descriptors = (): number => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);

/** Strangers who say a piece and then nothing are turned away after this long, in ms. */
const PATIENCE = 1500;
const refused: Error[] = [];
const listener = await Listener.open({ key, handshakeTimeout: PATIENCE, onRefused: (error) => refused.push(error) });
/** Says to everybody who was let in what they say; what they end with has a name. */
async function echo(connection: Connection): Promise<void> {
  try {
    for await (const message of connection) await connection.send(message);
  } catch (error) {
    isNamed(error);
  }
  await connection.close({ discard: true });
}
const served = (async () => {
  const echoes: Promise<void>[] = [];
  for await (const connection of listener) {
    echoes.push(echo(connection));
  }
  await Promise.all(echoes);
})();

async function isServed(): Promise<void> {
  const client = await connect(listener.path, { key });
  const word = randomBytes(8).toString('hex');
  await client.send(word);
  assert.equal(await client.receive({ timeout: 5000 }), word);
  await client.close();
}

/** Those who wait until the other side loses its patience. */
const late: Promise<unknown>[] = [];
let left = 0;

/** One piece of a handshake arrives as another: to the listener, or to who connects. */
async function changed(way: Way, index: number, lots: Lots): Promise<void> {
  const stays = lots() < 0.05;
  const gone = isRefused(way, index, { lots, stays });
  if (stays) late.push(gone);
  else await gone;
}

async function isRefused(way: Way, index: number, { lots, stays }: { lots: Lots; stays: boolean }): Promise<void> {
  let before: Buffer = Buffer.alloc(0);
  let after: Buffer = before;
  const relay = await relayTo(listener.path, {
    piece(at, n, piece, to) {
      if (at !== way || n !== index) return piece;
      before = piece;
      after = mutateBytes(piece, lots);
      // Nothing comes behind it, also if it is cut off.
      if (!stays) setImmediate(() => to.end());
      return after;
    },
  });
  const outcome = await connect(relay.path, { key, timeout: 3000 }).then(
    async (connection) => {
      // A piece that was not changed, or has the beginning of a frame behind it: two honest ends, and
      // each may wait for the other without end.
      if (!stays) {
        const { got, error } = await all(connection);
        isNamed(error);
        assert.deepEqual(got, []);
      }
      await connection.close({ discard: true });
      return undefined;
    },
    (error: unknown) => error,
  );
  if (outcome !== undefined) isNamed(outcome);
  const isSame = after.subarray(0, before.length).equals(before);
  // A changed piece lets nobody in, also if it is only the verdict, which is for the side that
  // connects.
  if (!isSame) assert.notEqual(outcome, undefined, `${way} ${index}: ${before.toString('hex')} came as ${after.toString('hex')}`);
  await relay.allClosed();
  relay.end();
}

/** Somebody without the key says an answer of its own. */
async function alone(lots: Lots): Promise<void> {
  const socket = open(listener.path);
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.resume();
  const answer = Buffer.concat([Buffer.from('meantim2'), randomBytes(64)]);
  const said = mutateBytes(answer, lots);
  const cut = Math.floor(lots() * said.length);
  socket.write(said.subarray(0, cut));
  await new Promise((resolve) => setImmediate(resolve));
  socket.write(said.subarray(cut));
  left++;
  const gone = closed.then(() => void left--);
  if (lots() < 0.1) late.push(gone);
  else {
    socket.end();
    await gone;
  }
}

const places: readonly [Way, number][] = (['up', 'down'] as const).flatMap((way) => PIECES[way].map((_, i): [Way, number] => [way, i]));
await isServed();
const atFirst = descriptors();

campaign({
  name: 'strangers at a listener',
  count: 60,
  each: 16,
  async one(lots) {
    const own = (): Lots => lotsOf(Math.floor(lots() * 2 ** 31), 0);
    const strangers = Array.from({ length: 16 }, (_, i) => (i % 4 === 3 ? alone(own()) : changed(...places[i % 4], own())));
    await Promise.all([isServed(), ...strangers]);
  },
  async after() {
    await Promise.all(late);
    assert.equal(left, 0);
    await isServed();
    for (const error of refused) isNamed(error);
    assert.ok(refused.length > 0);
  },
  async end() {
    await listener.close();
    await served;
    assert.ok(descriptors() <= atFirst, `${descriptors()} descriptors, ${atFirst} before`);
  },
});

/** The changes to a frame on its way, besides another one in its place. */
const moves = ['changed', 'changed', 'changed', 'again', 'left out', 'swapped', 'sent back', 'of another'] as const;
const seals = () => {
  const [a, b] = [randomBytes(32), randomBytes(32)];
  return [new Seal(a, b), new Seal(b, a)];
};
const sealed = (seal: { mark(pieces: Uint8Array[]): Buffer }, body: Buffer): Buffer => Buffer.concat([body, seal.mark([body])]);

campaign({
  name: 'sealed frames',
  count: 20_000,
  one(lots) {
    const [here, there] = seals();
    const bodies = Array.from({ length: 4 }, () => randomBytes(Math.floor(lots() * lots() * 300)));
    const frames = bodies.map((body) => sealed(here, body));
    const at = Math.floor(lots() * 3);
    for (let i = 0; i < at; i++) assert.deepEqual(there.open(frames[i]), bodies[i]);
    const move = moves[Math.floor(lots() * moves.length)];
    let came = frames[at];
    if (move === 'changed') came = mutateBytes(came, lots);
    else if (move === 'again') came = at > 0 ? frames[at - 1] : Buffer.alloc(Math.floor(lots() * 40));
    else if (move === 'left out') came = frames[at + 1];
    else if (move === 'swapped') came = frames[3];
    else if (move === 'sent back') {
      for (let i = 0; i <= at; i++) came = sealed(there, bodies[i]);
    } else for (let i = 0, [other] = seals(); i <= at; i++) came = sealed(other, bodies[i]);
    if (came.equals(frames[at])) assert.deepEqual(there.open(came), bodies[at]);
    else assert.throws(() => there.open(came), { code: 'MEANTIME_WIRE' }, move);
  },
});

campaign({
  name: 'sealed frames of a connection',
  count: 300,
  async one(lots) {
    const way = lots() < 0.5 ? 'up' : 'down';
    const at = Math.floor(lots() * 4);
    const move = lots();
    let isSame = false;
    const { here, there, end } = await between(key, {
      [way]: (frame: Buffer, i: number, heard: readonly Buffer[]) => {
        if (i !== at) return [frame];
        if (move < 0.1) return [frame, frame];
        if (move < 0.2 && i > 0) return [heard[i - 1], frame];
        const out = mutateBytes(frame, lots);
        isSame = out.equals(frame);
        return [out];
      },
    });
    const [from, to] = way === 'up' ? [here, there] : [there, here];
    const seen = all(to);
    const sent = [0, 1, 2, 3, 4];
    for (const n of sent) {
      await from.send(n).catch(isNamed); // the other side may have ended it
      await new Promise((resolve) => setImmediate(resolve));
    }
    await from.close().catch(isNamed);
    const { got, error } = await seen;
    assert.deepEqual(got, sent.slice(0, got.length));
    if (isSame) assert.equal(got.length, 5);
    else {
      assert.ok(isTold(error), String(error?.stack));
      assert.ok(got.length <= at + 1);
    }
    await end();
  },
});
