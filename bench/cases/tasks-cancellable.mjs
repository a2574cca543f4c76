import { row } from '../harness/row.mjs';

export default {
  id: 'tasks-cancellable',
  title: 'Tasks: `cancellable(promise)` around a promise that has settled',
  method: 'The same settled promise 1,000,000 times, one after the other; ns each.',
  rounds: { full: 7, quick: 1 },
  contenders: ({ quick }) => {
    const foreign = (id, contender, params) => ({
      id,
      contender,
      measure: 'repeated',
      params: { operation: 'foreign', n: quick ? 200_000 : 1_000_000, ...params },
    });
    return [
      foreign('async', 'meantime-async'),
      foreign('generators', 'meantime-generators'),
      foreign('await', 'bare-async'),
      foreign('await in storage', 'bare-async', { storage: true }),
    ];
  },
  rows: (s) => {
    const cost = { metric: 'ns', unit: 'ns', floor: { id: 'await', name: 'await promise' } };
    const bare = { ...cost, peer: 'await', name: 'await promise', goal: { atMost: 4 } };
    const inside = { ...cost, peer: 'await in storage', name: 'await in als.run' };
    return [
      row(s, { ...bare, ours: 'async', what: 'async functions' }),
      row(s, { ...inside, ours: 'async', what: 'async functions, in an AsyncLocalStorage' }),
      row(s, { ...bare, ours: 'generators', what: 'generators' }),
      row(s, { ...inside, ours: 'generators', what: 'generators, in an AsyncLocalStorage' }),
    ];
  },
};
