import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { WireError } from 'meantime';
import { all, between, type Change } from '../fixtures/processes/relay.js';

/*
 * Somebody without the key stands between two who have it, and passes on what they say, but for
 * what it changes. An end that is told something that the other has not said, or has not said
 * then, must see it.
 */

const key = randomBytes(32);
const flipped = (frame: Buffer, at: number) => {
  const out = Buffer.from(frame);
  out[at] ^= 1;
  return out;
};

/**
 * Each sends 0 to 4, one a turn, so one in a frame; the third frame, or what is told, is not as it
 * was sent.
 */
const table: [name: string, change: Change, arrived: number[]][] = [
  ['a byte of a value is another', (frame, i) => [i === 2 ? flipped(frame, frame.length - 17) : frame], [0, 1]],
  ['a byte of the mark is another', (frame, i) => [i === 2 ? flipped(frame, frame.length - 1) : frame], [0, 1]],
  ['the length of the array is another', (frame, i) => [i === 2 ? flipped(frame, 4) : frame], [0, 1]],
  ['a frame is longer', (frame, i) => [i === 2 ? longer(frame) : frame], [0, 1]],
  ['a frame is left out', (frame, i) => (i === 2 ? [] : [frame]), [0, 1]],
  ['a frame comes twice', (frame, i) => (i === 2 ? [frame, frame] : [frame]), [0, 1, 2]],
  ['a frame comes again later', (frame, i, heard) => (i === 3 ? [frame, heard[1]] : [frame]), [0, 1, 2, 3]],
  ['two frames change places', (frame, i, heard) => (i === 2 ? [] : i === 3 ? [frame, heard[2]] : [frame]), [0, 1]],
  ['a frame is put in', (frame, i) => (i === 2 ? [forged(), frame] : [frame]), [0, 1]],
  ['a frame is put in before all others', (frame, i) => (i === 0 ? [forged(), frame] : [frame]), []],
];

function longer(frame: Buffer): Buffer {
  const out = Buffer.concat([frame, Buffer.alloc(8)]);
  out.writeUInt32LE(out.length - 4, 0);
  return out;
}

/** As one of the version without seals. */
function forged(): Buffer {
  const frame = Buffer.concat([Buffer.alloc(8), Buffer.from('ff0f4101490c240001', 'hex'), randomBytes(16)]);
  frame.writeUInt32LE(frame.length - 4, 0);
  frame.writeUInt32LE(9, 4);
  return frame;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

for (const way of ['up', 'down'] as const)
  for (const [name, change, arrived] of table)
    test(`a relay, ${way === 'up' ? 'to' : 'from'} the listener: ${name}`, async () => {
      const { here, there, end } = await between(key, { [way]: change });
      const [from, to] = way === 'up' ? [here, there] : [there, here];
      const seen = all(to);
      for (const n of [0, 1, 2, 3, 4]) {
        await from.send(n).catch(() => undefined); // the other side may have ended it
        await turn();
      }
      if (name === 'a frame is left out' || name.startsWith('two frames')) await from.close().catch(() => undefined);
      const { got, error } = await seen;
      assert.deepEqual(got, arrived);
      assert.ok(error instanceof WireError);
      assert.match(error.message, /somebody in between changed what was said/);
      await end();
    });

test('a relay: what one side said is told to it as the other’s', async () => {
  const { here, there, end } = await between(key, { hear: (way, frame, sockets) => way === 'up' && sockets.down.write(frame) });
  const seen = all(here);
  await here.send('pay');
  const { got, error } = await seen;
  assert.deepEqual(got, []);
  assert.match(String(error?.message), /somebody in between/);
  assert.equal(await there.receive(), 'pay');
  await end();
});

test('a relay: a frame of another connection with the same key is not taken', async () => {
  let recorded: Buffer | undefined;
  const first = await between(key, {
    hear: (_, frame) => {
      recorded ??= frame;
    },
  });
  await first.here.send('pay');
  assert.equal(await first.there.receive(), 'pay');
  await first.end();
  const second = await between(key, { up: (frame) => [recorded as Buffer, frame] });
  const seen = all(second.there);
  await second.here.send('look');
  const { got, error } = await seen;
  assert.deepEqual(got, []);
  assert.match(String(error?.message), /somebody in between/);
  await second.end();
});

test('a relay that changes nothing is not noticed, with small messages and large ones, both ways', async () => {
  const { here, there, end } = await between(key, {});
  const values = [1, 'two', { three: [4] }, new Uint8Array(300_000).fill(5), 'x'.repeat(100_000)];
  for (const value of values) {
    await here.send(value);
    assert.deepEqual(await there.receive(), value);
    await there.send(value);
    assert.deepEqual(await here.receive(), value);
  }
  await Promise.all(Array.from({ length: 500 }, (_, i) => here.send(i)));
  for (let i = 0; i < 500; i++) assert.equal(await there.receive(), i);
  await end();
});
