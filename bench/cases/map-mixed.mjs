import { row } from '../harness/row.mjs';

const LONG = 20;
const SHORT = 0.02;

export default {
  id: 'map-mixed',
  title: 'Mixed `map`: every 100th call takes 20 ms, the others 20 µs',
  method: 'Spins by the clock on two workers; the ideal is the sum over two. Batches must not trap short calls behind a long one.',
  rounds: { full: 5, quick: 1 },
  contenders: ({ quick }) => {
    const params = { fn: 'spin', inputs: 'mixed', n: quick ? 4000 : 10_000, warm: 1000, long: LONG, short: SHORT };
    return [
      { id: 'meantime', contender: 'meantime-threads', measure: 'map', params },
      { id: 'piscina', contender: 'piscina', measure: 'map', params },
      { id: 'tinypool', contender: 'tinypool', measure: 'map', params },
      { id: 'python', script: 'pool_map', params },
    ];
  },
  rows: (s, { quick }) => {
    const n = quick ? 4000 : 10_000;
    const ideal = ((n / 100) * LONG + n * 0.99 * SHORT) / 2;
    const ours = s.median('meantime', 'ms');
    const time = { metric: 'ms', unit: 'ms' };
    return [
      row(s, { ...time, what: 'ideal', ratio: ours && ours / ideal, goal: { atMost: 1.15 }, floor: { name: 'ideal', value: ideal } }),
      row(s, { ...time, what: 'piscina', peer: 'piscina' }),
      row(s, { ...time, what: 'tinypool', peer: 'tinypool' }),
      row(s, { ...time, what: 'Pool.map', peer: 'python', name: 'Python Pool.map' }),
    ];
  },
};
