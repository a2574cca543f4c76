import { row } from '../harness/row.mjs';

const pools = { meantime: 'meantime-threads', piscina: 'piscina', 'meantime processes': 'meantime-processes' };

export default {
  id: 'start',
  title: 'Pool of two, start to first result',
  method: 'A fresh process imports the library, makes a pool of two and awaits one call; the start of Node itself is not in it.',
  rounds: { full: 21, quick: 5 },
  contenders: () => Object.entries(pools).map(([id, contender]) => ({ id, contender, measure: 'start' })),
  rows: (s) => [
    row(s, { what: 'threads', metric: 'ms', unit: 'ms', peer: 'piscina', goal: { atMost: 1 } }),
    row(s, { what: 'processes', metric: 'ms', unit: 'ms', ours: 'meantime processes' }),
  ],
};
