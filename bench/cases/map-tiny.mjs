import { row } from '../harness/row.mjs';

export default {
  id: 'map-tiny',
  title: '`map` of 1,000,000 tiny calls, automatic chunks, threads',
  method:
    '`increment` over the numbers from 0 on two warm workers, awaited as one array. Python: `multiprocessing.Pool.map` with its default chunks.',
  rounds: { full: 5, quick: 2 },
  contenders: ({ quick }) => {
    const params = { fn: 'increment', inputs: 'count', n: 1_000_000, warm: quick ? 200_000 : 1_000_000 };
    return [
      { id: 'meantime', contender: 'meantime-threads', measure: 'map', params },
      { id: 'python', script: 'pool_map', params },
      { id: 'bare', contender: 'bare-workers', measure: 'map', params },
    ];
  },
  rows: (s) => [
    row(s, {
      what: 'calls',
      metric: 'perSecond',
      unit: '/s',
      peer: 'python',
      name: 'Python Pool.map',
      goal: { atLeast: 1.5 },
      floor: { id: 'bare', name: 'two bare workers, half the inputs in one message each' },
    }),
  ],
};
