import { faster, row } from '../harness/row.mjs';

const peers = ['p-map', 'p-limit', 'p-queue'];
const ways = { map: 'TaskExecutor.map', gather: 'gather' };

export default {
  id: 'tasks-map',
  title: 'Tasks: a bounded map, 100,000 async calls that do nothing, 16 at a time',
  method:
    'ns a call, the results as one array. The floor is 16 async functions that take the next input from a common counter. p-limit is used through its own `map`, p-queue through `addAll`, ' +
    'effect as `forEach` over promises.',
  rounds: { full: 5, quick: 1 },
  contenders: ({ quick }) => {
    const map = (id, contender, operation = 'map') => ({
      id,
      contender,
      measure: 'bounded-map',
      params: { operation, n: quick ? 20_000 : 100_000, concurrency: 16 },
    });
    return [
      map('map', 'meantime-async'),
      map('gather', 'meantime-async', 'gather'),
      map('by hand', 'bare-async'),
      map('effect', 'effect'),
      ...peers.map((peer) => map(peer, peer)),
    ];
  },
  rows: (s) =>
    Object.entries(ways).flatMap(([ours, way]) => {
      const cost = { metric: 'ns', unit: 'ns', ours, floor: { id: 'by hand', name: '16 workers by hand' } };
      return [
        row(s, { ...cost, what: `${way}, by hand`, peer: 'by hand', name: '16 workers by hand', goal: { atMost: 2 } }),
        ...peers.map((peer) => faster(s, { ...cost, what: `${way}, ${peer}`, peer, goal: { atLeast: 1 } })),
        faster(s, { ...cost, what: `${way}, effect`, peer: 'effect', name: 'effect forEach' }),
      ];
    }),
};
