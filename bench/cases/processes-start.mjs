import { row } from '../harness/row.mjs';

export default {
  id: 'processes-start',
  title: 'Pool of two processes, start to first result',
  method:
    'A fresh process imports the library, makes a pool of two and awaits one call; the start of Node, or of Python, itself is not in it.',
  rounds: { full: 21, quick: 5 },
  contenders: () => [
    { id: 'meantime', contender: 'meantime-processes', measure: 'start' },
    { id: 'python', script: 'start' },
  ],
  rows: (s) => [
    row(s, { what: 'start', metric: 'ms', unit: 'ms', peer: 'python', name: 'Python ProcessPoolExecutor, spawn', goal: { atMost: 1 } }),
  ],
};
