/** The source of lots: a number in [0, 1). */
export type Lots = () => number;

/**
 * Lots of their own for each mutation, so that any one of them can be made again alone
 * (mulberry32).
 */
export function lotsOf(seed: number, index: number): Lots {
  let state = (seed ^ Math.imul(index + 1, 0x9e3779b1)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = <T>(lots: Lots, from: readonly T[]): T => from[Math.floor(lots() * from.length)];

/** Says any length in a few bytes. */
function holes(length: number): unknown[] {
  const list: unknown[] = [];
  list.length = length;
  return list;
}

function deep(levels: number): unknown {
  let value: unknown = 'bottom';
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { value };
  return value;
}

function round(): unknown {
  const list: unknown[] = [1];
  list.push(list, { list });
  return list;
}

const numbers = [
  0,
  1,
  2,
  3,
  7,
  15,
  16,
  17,
  63,
  64,
  65,
  255,
  256,
  1e6,
  2 ** 20,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 40,
  2 ** 53 - 1,
  2 ** 53,
  1e308,
  -1,
  -2,
  -64,
  -(2 ** 31),
  0.5,
  -0,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];
const texts = [
  '',
  'x',
  '__proto__',
  'constructor',
  'then',
  'toString',
  'length',
  '@meantime',
  '0',
  '[]',
  '{"kind":"export"}',
  '\u2028\x1b[2J',
  'x'.repeat(600),
];
const made: readonly (() => unknown)[] = [
  () => null,
  () => undefined,
  () => true,
  () => false,
  () => 0n,
  () => 2n ** 200n,
  () => [],
  () => ({}),
  () => [[]],
  () => holes(3),
  () => holes(2 ** 20),
  () => holes(2 ** 32 - 1),
  () => ({ length: 2 ** 50 }),
  () => ({ toString: 5, message: { toString: 5 } }),
  () => JSON.parse('{"then":1,"__proto__":2}'),
  () => deep(30),
  () => deep(3000),
  () => round(),
  () => new Map([[1, round()]]),
  () => new Set([1, 'x']),
  () => new Date(Number.NaN),
  () => new Error('an error'),
  () => Object.assign(new TypeError('x'), { code: 'E', cause: round() }),
  () => new Uint8Array(3),
  () => Buffer.from([0, 255, 15, 34, 1, 120]),
  () => new Float64Array(2),
  () => new DataView(new ArrayBuffer(4)),
  () => new ArrayBuffer(8),
  () => /x/g,
  () => Object(1),
  () => ({ '@meantime': 'error', flat: 7 }),
  () => ({ '@meantime': 'handle', kind: 'nobody/knows', parts: [1] }),
  () => ({ '@meantime': 'plain', value: null }),
];

/** Any value that a peer could send. */
export function anyValue(lots: Lots): unknown {
  const lot = lots();
  if (lot < 0.4) return pick(lots, numbers);
  if (lot < 0.55) return pick(lots, texts);
  return pick(lots, made)();
}

/**
 * A copy with one part replaced, taken away, doubled, put elsewhere or wrapped, at any depth.
 * Anything but a list or a plain object is replaced as a whole.
 */
export function mutate(value: unknown, lots: Lots): unknown {
  const isList = Array.isArray(value);
  const isPlain = !isList && typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (!(isList || isPlain) || lots() < 0.08) return lots() < 0.15 ? [value] : nearOrAny(value, lots);
  if (isPlain) {
    const copy = { ...(value as Record<string, unknown>) };
    const keys = Object.keys(copy);
    const key = keys.length > 0 && lots() < 0.9 ? pick(lots, keys) : pick(lots, texts);
    const lot = lots();
    if (lot < 0.2) delete copy[key];
    else copy[key] = mutate(copy[key], lots);
    return copy;
  }
  const list = value as unknown[];
  if (list.length > 1000) return list.slice(0, 3);
  const copy = [...list];
  const at = Math.floor(lots() * copy.length);
  const lot = lots();
  if (copy.length === 0 || lot < 0.08) copy.splice(at, 0, anyValue(lots));
  else if (lot < 0.16) copy.splice(at, 1);
  else if (lot < 0.22) copy.splice(at, 0, copy[at]);
  else if (lot < 0.26) copy.length = pick(lots, [0, 1, copy.length + 1, copy.length * 2, 2 ** 20]);
  else if (lot < 0.3) {
    const other = Math.floor(lots() * copy.length);
    [copy[at], copy[other]] = [copy[other], copy[at]];
  } else copy[at] = mutate(copy[at], lots);
  return copy;
}

function nearOrAny(value: unknown, lots: Lots): unknown {
  if (typeof value === 'number' && lots() < 0.5) return value + pick(lots, [1, -1, 2, -2, 0.5, 64, -64, 2 ** 32]);
  if (typeof value === 'string' && value.length > 0 && lots() < 0.4) return value.slice(0, Math.floor(lots() * value.length));
  if (value instanceof Uint8Array && lots() < 0.7) return mutateBytes(value, lots);
  return anyValue(lots);
}

/** Bytes flipped, cut off, doubled, put in, or a length among them changed. */
export function mutateBytes(bytes: Uint8Array, lots: Lots): Buffer {
  let out = Buffer.from(bytes);
  for (let times = lots() < 0.6 ? 1 : 1 + Math.floor(lots() * 5); times > 0; times--) {
    const at = Math.floor(lots() * (out.length + 1));
    const lot = lots();
    if (lot < 0.35 && at < out.length) out[at] ^= 1 << Math.floor(lots() * 8);
    else if (lot < 0.55 && at < out.length) out[at] = pick(lots, [0, 1, 127, 128, 255, Math.floor(lots() * 256)]);
    else if (lot < 0.7 && out.length >= 4)
      out.writeUInt32LE(pick(lots, [0, 1, 3, 4, 255, 65_536, 2 ** 31, 2 ** 32 - 1, out.length]), Math.min(at, out.length - 4));
    else if (lot < 0.8) out = out.subarray(0, at);
    else if (lot < 0.9) out = Buffer.concat([out.subarray(0, at), Buffer.from([Math.floor(lots() * 256), 255]), out.subarray(at)]);
    else out = Buffer.concat([out.subarray(0, at), out.subarray(Math.floor(lots() * (at + 1)))]);
  }
  return out;
}
