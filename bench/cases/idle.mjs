import { row } from '../harness/row.mjs';

const pools = { threads: 'meantime-threads', processes: 'meantime-processes' };

export default {
  id: 'idle',
  title: 'Idle pool',
  method: 'Processor time of the process and of its children while a warm pool of two is asked for nothing, as a percentage of one core.',
  rounds: { full: 1, quick: 1 },
  contenders: ({ quick }) =>
    Object.entries(pools).map(([id, contender]) => ({ id, contender, measure: 'idle', params: { ms: quick ? 3000 : 10_000 } })),
  rows: (s) =>
    Object.keys(pools).map((id) => row(s, { what: id, metric: 'percent', unit: '%', ours: id, goal: { atMost: 0.1 }, judge: 'ours' })),
};
