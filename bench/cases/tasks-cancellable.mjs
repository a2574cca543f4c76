import { row } from '../harness/row.mjs';

export default {
  id: 'tasks-cancellable',
  title: 'Tasks: `cancellable(promise)` around a promise that has settled',
  method: 'The same settled promise 1,000,000 times, one after the other; ns each.',
  rounds: { full: 7, quick: 1 },
  contenders: ({ quick }) => {
    const foreign = (id, contender) => ({
      id,
      contender,
      measure: 'repeated',
      params: { operation: 'foreign', n: quick ? 200_000 : 1_000_000 },
    });
    return [foreign('async', 'meantime-async'), foreign('generators', 'meantime-generators'), foreign('await', 'bare-async')];
  },
  rows: (s) => {
    const cost = {
      metric: 'ns',
      unit: 'ns',
      peer: 'await',
      name: 'await promise',
      goal: { atMost: 4 },
      floor: { id: 'await', name: 'await promise' },
    };
    return [row(s, { ...cost, ours: 'async', what: 'async functions' }), row(s, { ...cost, ours: 'generators', what: 'generators' })];
  },
};
