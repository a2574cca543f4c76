import { faster, row } from '../harness/row.mjs';

export default {
  id: 'tasks-switch',
  title: 'Tasks: two of them through a `Queue(1)`, 1,000,000 items',
  method:
    'One task puts the numbers from 0 on, the other adds up what it gets; ns an item. The floor is what one writes by hand for two async functions: room for one item, and a ' +
    'promise where somebody has to wait. It awaits every `put` and `get`, as one does; the row "sparingly" awaits only those that have to wait.',
  rounds: { full: 5, quick: 1 },
  contenders: ({ quick }) => {
    const params = { n: quick ? 200_000 : 1_000_000, operation: 'pass', expected: 'sum' };
    const pass = (id, contender, more) => ({ id, contender, measure: 'repeated', params: { ...params, ...more } });
    return [
      pass('async', 'meantime-async'),
      pass('generators', 'meantime-generators'),
      pass('by hand', 'bare-async'),
      pass('sparingly', 'bare-async', { operation: 'passSparingly' }),
      pass('in storage', 'bare-async', { storage: true }),
      pass('effect', 'effect'),
      { id: 'asyncio', script: 'tasks', rounds: 2, params },
    ];
  },
  rows: (s) => {
    const cost = { metric: 'ns', unit: 'ns', floor: { id: 'by hand', name: 'a promise channel by hand' } };
    const generators = { ...cost, ours: 'generators' };
    const async = { ...cost, ours: 'async' };
    return [
      row(s, { ...generators, what: 'generators, by hand', peer: 'by hand', goal: { atMost: 2 } }),
      row(s, { ...generators, what: 'generators, by hand, sparingly', peer: 'sparingly' }),
      faster(s, { ...generators, what: 'generators, effect', peer: 'effect', name: 'effect Queue', goal: { atLeast: 15 } }),
      faster(s, { ...generators, what: 'generators, asyncio', peer: 'asyncio', name: 'asyncio.Queue', goal: { atLeast: 25 } }),
      row(s, { ...async, what: 'async functions, by hand', peer: 'by hand' }),
      row(s, { ...async, what: 'async functions, by hand in an AsyncLocalStorage', peer: 'in storage', name: 'by hand in als.run' }),
      faster(s, { ...async, what: 'async functions, effect', peer: 'effect', name: 'effect Queue' }),
      faster(s, { ...async, what: 'async functions, asyncio', peer: 'asyncio', name: 'asyncio.Queue' }),
    ];
  },
};
