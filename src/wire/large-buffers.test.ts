import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LARGE, largeBuffers } from './large-buffers.js';

const large = () => new ArrayBuffer(LARGE);

test('a message without large buffers has none', () => {
  for (const message of [null, 1, 'x', [], [1, 'two', null], [{ a: [new Uint8Array(LARGE - 1)] }], [new Map([[{}, new Set([[]])]])]])
    assert.equal(largeBuffers(message), undefined);
});

test('they are found at any depth, each once', () => {
  const [a, b, c, d, e, f] = Array.from({ length: 6 }, large);
  class Image {
    bytes = new DataView(d);
    #hidden = large();
    get size() {
      return this.#hidden.byteLength;
    }
  }
  const cyclic: Record<string, unknown> = { e, inner: Object.assign(Object.create(null), { f: new Float64Array(f, 8, 1) }) };
  cyclic.self = cyclic;
  const message = [0, a, [{ b: new Uint8Array(b, 5, 1), again: b }], new Map<unknown, unknown>([[c, new Set([a])]]), new Image(), cyclic];
  assert.deepEqual(new Set(largeBuffers(message)), new Set([a, b, c, d, e, f]));
  assert.equal(largeBuffers(message)?.length, 6);
});

test('what is shared, can grow, is an error’s or behind a getter of a class is left where it is', () => {
  const instance = Object.create(
    {},
    {
      got: { enumerable: true, get: () => assert.fail('it was read') },
      hidden: { enumerable: false, value: large() },
    },
  );
  const growing = Reflect.construct(ArrayBuffer, [LARGE, { maxByteLength: 2 * LARGE }]);
  const error = Object.assign(new Error('e'), { bytes: large() });
  assert.equal(largeBuffers([new SharedArrayBuffer(LARGE), growing, new Uint8Array(growing), instance, error]), undefined);
});

test('a depth at which recursion would end is no matter', () => {
  const bytes = large();
  let value: unknown = bytes;
  for (let i = 0; i < 200_000; i++) value = i % 2 ? [value] : { value };
  assert.deepEqual(largeBuffers([value]), [bytes]);
});
