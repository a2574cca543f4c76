import { faster, row } from '../harness/row.mjs';

const forms = { async: 'async functions', generators: 'generators' };

export default {
  id: 'tasks-parked',
  title: 'Tasks: 100,000 that are parked',
  method:
    'In one group, each waits for what never comes: an Event here, a Deferred in effect, a future of its own in asyncio. Memory a task, before and after, each time after collections: resident, and on ' +
    'the heap. Then all are cancelled and joined; ns a task. Effect is measured with a Deferred each and with one for all, and the row quotes the better one.',
  rounds: { full: 5, quick: 1 },
  contenders: ({ quick }) => {
    const n = quick ? 20_000 : 100_000;
    const parked = (id, contender, params) => ({ id, contender, measure: 'parked', flags: ['--expose-gc'], params: { n, ...params } });
    return [
      parked('async', 'meantime-async'),
      parked('generators', 'meantime-generators'),
      parked('effect', 'effect'),
      parked('effect shared', 'effect', { shared: true }),
      { id: 'asyncio', script: 'tasks', params: { measure: 'parked', n }, rounds: 3 },
    ];
  },
  rows: (s) => {
    const effect = (metric) => s.best(['effect', 'effect shared'], metric, Math.min) ?? 'effect';
    return Object.entries(forms).flatMap(([ours, form]) => {
      const resident = { metric: 'rss', unit: 'B', ours, goal: { atMost: 1 } };
      return [
        row(s, { ...resident, what: `${form}, resident, effect`, peer: effect('rss'), name: 'effect fibre' }),
        row(s, { ...resident, what: `${form}, resident, asyncio`, peer: 'asyncio', name: 'asyncio task' }),
        row(s, { ...resident, metric: 'heap', what: `${form}, heap, effect`, peer: effect('heap'), name: 'effect fibre' }),
        faster(s, {
          metric: 'ns',
          unit: 'ns',
          ours,
          what: `${form}, cancel and join, asyncio`,
          peer: 'asyncio',
          goal: { atLeast: 1 },
        }),
        faster(s, { metric: 'ns', unit: 'ns', ours, what: `${form}, cancel and join, effect`, peer: effect('ns'), name: 'effect' }),
      ];
    });
  },
};
