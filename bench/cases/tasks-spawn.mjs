import { faster, row } from '../harness/row.mjs';

const asyncio = 'asyncio TaskGroup';
const best = ['effect sync', 'effect promise'];

export default {
  id: 'tasks-spawn',
  title: 'Tasks: spawn and join 1,000,000 that do nothing, in one group',
  method:
    'A task counts up one number and ends; ns a task, from the first spawn to the end of the group. Effect forks a child for each and joins them one by one, which is its ' +
    'quickest way that fails when they do; against async functions the row quotes its best body, `Effect.sync` or `Effect.promise`, against generators `Effect.gen`. ' +
    'Effection is given 20,000 (2,000 in a quick run), because it takes as long for them as the others for all.',
  rounds: { full: 4, quick: 1 },
  contenders: ({ quick }) => {
    const n = quick ? 200_000 : 1_000_000;
    const spawn = (id, contender, params) => ({ id, contender, measure: 'repeated', params: { operation: 'spawn', n, ...params } });
    return [
      spawn('async', 'meantime-async'),
      spawn('generators', 'meantime-generators'),
      spawn('bare', 'bare-async'),
      spawn('bare in storage', 'bare-async', { storage: true }),
      spawn('effect sync', 'effect', { body: 'sync' }),
      spawn('effect promise', 'effect', { body: 'promise' }),
      spawn('effect gen', 'effect', { body: 'gen' }),
      spawn('effect all', 'effect', { body: 'gen', join: 'all' }),
      { ...spawn('effection', 'effection', { n: quick ? 2000 : 20_000 }), rounds: 3 },
      { id: 'asyncio', script: 'tasks', rounds: 2, params: { operation: 'spawn', n } },
    ];
  },
  rows: (s) => {
    const cost = { metric: 'ns', unit: 'ns' };
    const bare = { id: 'bare', name: 'Promise.all of bare async functions' };
    const effect = s.best(best, 'ns', Math.min) ?? 'effect sync';
    const a = { ...cost, ours: 'async', floor: bare };
    const g = { ...cost, ours: 'generators', floor: bare };
    return [
      row(s, { ...a, what: 'async functions, bare', peer: 'bare', name: 'Promise.all', goal: { atMost: 2.5 } }),
      row(s, { ...a, what: 'async functions, bare in an AsyncLocalStorage', peer: 'bare in storage', name: 'Promise.all in als.run' }),
      faster(s, { ...a, what: 'async functions, effect', peer: effect, goal: { atLeast: 1 } }),
      faster(s, { ...a, what: 'async functions, effection', peer: 'effection' }),
      faster(s, { ...a, what: 'async functions, asyncio', peer: 'asyncio', name: asyncio, goal: { atLeast: 10 } }),
      faster(s, { ...g, what: 'generators, effect', peer: 'effect gen', goal: { atLeast: 2 } }),
      faster(s, { ...g, what: 'generators, effect that ignores failures', peer: 'effect all', name: 'effect awaitAllChildren' }),
      faster(s, { ...g, what: 'generators, effection', peer: 'effection' }),
      faster(s, { ...g, what: 'generators, asyncio', peer: 'asyncio', name: asyncio, goal: { atLeast: 4 } }),
    ];
  },
};
