// What the functions work on, made when a module is loaded: a function that made it in each call would be about that.

/** Numbers that look random and are the same everywhere: `next()` is from 0 to 1. */
export function sequence(seed) {
  let x = seed || 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}

const names = ['ada', 'grace', 'edsger', 'barbara', 'donald', 'tony', 'leslie', 'margaret', 'dennis', 'radia'];
const cities = ['Lagos', 'Kyoto', 'Lima', 'Oslo', 'Quito', 'Turin', 'Perth', 'Cairo'];

/** Records as a service would answer with. */
export function records(n, seed = 7) {
  const next = sequence(seed);
  const one = (list) => list[Math.floor(next() * list.length)];
  return Array.from({ length: n }, (_, id) => ({
    id,
    name: one(names),
    at: { city: one(cities), x: Math.round(next() * 1e6) / 1e3, y: Math.round(next() * 1e6) / 1e3 },
    tags: [one(names), one(cities), one(cities)],
    score: next(),
    active: next() > 0.5,
  }));
}

/** Lines as a web server would log them. */
export function logLines(n, seed = 11) {
  const next = sequence(seed);
  const part = () => Math.floor(next() * 250) + 1;
  const line = (i) =>
    `10.${part()}.${part()}.${part()} - - [27/Nov/2026:10:${String(i % 60).padStart(2, '0')}:00 +0000] "GET /items/${part() * 97}?page=${part()} HTTP/1.1" ${next() > 0.9 ? 500 : 200} ${part() * 31}`;
  return Array.from({ length: n }, (_, i) => line(i)).join('\n');
}

/** Bytes that compress about as well as text does. */
export function textBytes(bytes, seed = 3) {
  const lines = Buffer.from(logLines(Math.min(4000, Math.ceil(bytes / 90)), seed));
  const out = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += lines.length) lines.copy(out, at);
  return out;
}

/** Arithmetic of a fixed amount, the same on every machine: a million rounds take a millisecond or two. */
export function churn(rounds) {
  let x = 88172645;
  for (let i = 0; i < rounds; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
  return x;
}
