import { faster, row } from '../harness/row.mjs';

const forms = { async: 'async functions', generators: 'generators' };

export default {
  id: 'tasks-parked',
  title: 'Tasks: 100,000 that are parked',
  method:
    'In one group, each waits for what never comes: an Event here, a Deferred in effect, a future of its own in asyncio. Memory a task, before and after, each time after collections: resident, and on ' +
    'the heap. Then all are cancelled and joined; ns a task. Effect is measured with a Deferred each and with one for all, and the row quotes the better one. ' +
    'The floor is a bare async function that awaits one promise for all.',
  rounds: { full: 3, quick: 1 },
  contenders: ({ quick }) => {
    const n = quick ? 20_000 : 100_000;
    const parked = (id, contender, params) => ({ id, contender, measure: 'parked', flags: ['--expose-gc'], params: { n, ...params } });
    return [
      parked('async', 'meantime-async'),
      parked('generators', 'meantime-generators'),
      parked('bare', 'bare-async'),
      parked('bare in storage', 'bare-async', { storage: true }),
      parked('effect', 'effect'),
      parked('effect shared', 'effect', { shared: true }),
      { id: 'asyncio', script: 'tasks', params: { measure: 'parked', n }, rounds: 2 },
    ];
  },
  rows: (s) => {
    const effect = (metric) => s.best(['effect', 'effect shared'], metric, Math.min) ?? 'effect';
    return Object.entries(forms).flatMap(([ours, form]) => {
      const resident = { metric: 'rss', unit: 'B', ours, goal: { atMost: 1 }, floor: { id: 'bare', name: 'bare async function' } };
      return [
        row(s, { ...resident, what: `${form}, resident, effect`, peer: effect('rss'), name: 'effect fibre' }),
        row(s, { ...resident, what: `${form}, resident, asyncio`, peer: 'asyncio', name: 'asyncio task' }),
        row(s, { ...resident, metric: 'heap', what: `${form}, heap, effect`, peer: effect('heap'), name: 'effect fibre' }),
        row(s, {
          ...resident,
          metric: 'heap',
          what: `${form}, heap, bare`,
          peer: 'bare in storage',
          name: 'bare in als.run',
          goal: undefined,
        }),
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
