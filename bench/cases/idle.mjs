import { row } from '../harness/row.mjs';

const pools = { threads: 'meantime-threads', processes: 'meantime-processes' };
const all = { ...pools, nothing: 'bare-await' };

export default {
  id: 'idle',
  title: 'Idle pool',
  method:
    'Processor time of the process and of its children while a warm pool of two is asked for nothing, as a percentage of one core. The watch begins ' +
    '15 s after the last call: some 8 s after it V8 collects, once, what the calls left behind. The floor is a process without a pool.',
  rounds: { full: 1, quick: 1 },
  contenders: ({ quick }) =>
    Object.entries(all).map(([id, contender]) => ({
      id,
      contender,
      measure: 'idle',
      params: quick ? { settle: 1000, ms: 3000 } : { settle: 15_000, ms: 10_000 },
    })),
  rows: (s) =>
    Object.keys(pools).map((id) =>
      row(s, {
        what: id,
        metric: 'percent',
        unit: '%',
        ours: id,
        goal: { atMost: 0.1 },
        judge: 'ours',
        floor: { id: 'nothing', name: 'no pool' },
      }),
    ),
};
