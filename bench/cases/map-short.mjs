import { work } from '../functions.mjs';
import { row } from '../harness/row.mjs';

const EACH = 0.05;

/** Steps of `work` that take 50 µs on this machine while nothing else runs: the fastest of many tries. */
function calibrate() {
  const steps = 10_000;
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 2000; i++) {
    const start = performance.now();
    work(steps);
    fastest = Math.min(fastest, performance.now() - start);
  }
  return Math.round((steps * EACH) / fastest);
}

export default {
  id: 'map-short',
  title: '`map` of 10,000 calls of 50 µs, two workers',
  method:
    'Each call spins for 50 µs by the clock; the ideal is all of them over two workers, 250 ms. The last row does a fixed amount of arithmetic instead, ' +
    'which gets no credit for time in which its thread did not run; its ideal is two bare workers with half the inputs each.',
  rounds: { full: 7, quick: 1 },
  contenders: ({ quick }) => {
    const n = quick ? 4000 : 10_000;
    const params = { fn: 'spin', inputs: 'same', n, value: EACH };
    const fixed = { ...params, fn: 'work', value: calibrate() };
    return [
      { id: 'meantime', contender: 'meantime-threads', measure: 'map', params },
      ...[1, 16, 64].map((concurrency) => ({
        id: `piscina ${concurrency}`,
        contender: 'piscina',
        measure: 'map',
        params: { ...params, concurrency },
      })),
      { id: 'tinypool', contender: 'tinypool', measure: 'map', params },
      { id: 'python', script: 'pool_map', params },
      { id: 'meantime fixed', contender: 'meantime-threads', measure: 'map', params: fixed },
      { id: 'bare fixed', contender: 'bare-workers', measure: 'map', params: fixed },
    ];
  },
  rows: (s, { quick }) => {
    const ideal = ((quick ? 4000 : 10_000) * EACH) / 2;
    const over = (id) => (s.median(id, 'ms') === undefined ? undefined : s.median(id, 'ms') / ideal);
    const piscina = s.best(['piscina 1', 'piscina 16', 'piscina 64'], 'ms', Math.min) ?? 'piscina 1';
    const time = { metric: 'ms', unit: 'ms' };
    const others = [piscina, 'tinypool', 'python'].map((id) => `${id} ${over(id)?.toFixed(2) ?? '–'}x`).join(', ');
    return [
      row(s, {
        ...time,
        what: 'ideal',
        ratio: over('meantime'),
        goal: { atMost: 1.08 },
        floor: { name: 'ideal', value: ideal },
        note: `others, of the same ideal: ${others}`,
      }),
      row(s, { ...time, what: 'piscina', peer: piscina }),
      row(s, { ...time, what: 'tinypool', peer: 'tinypool' }),
      row(s, { ...time, what: 'Pool.map', peer: 'python', name: 'Python Pool.map' }),
      row(s, { ...time, what: 'fixed work', ours: 'meantime fixed', peer: 'bare fixed', name: 'two bare workers' }),
    ];
  },
};
