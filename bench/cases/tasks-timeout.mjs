import { faster } from '../harness/row.mjs';

const peers = { 'p-timeout': 'p-timeout', effect: 'effect timeout', asyncio: 'asyncio.timeout' };

export default {
  id: 'tasks-timeout',
  title: 'Tasks: a time limit of 10 s around a call that returns at once',
  method:
    '1,000,000 times one after the other; ns each. The call is an async function (a generator function in the second form), in Python a coroutine; in effect an `Effect.sync`, and the limited ' +
    'effect is made once. The floor is the same call without a limit.',
  rounds: { full: 5, quick: 1 },
  contenders: ({ quick }) => {
    const params = { operation: 'timeouts', n: quick ? 100_000 : 1_000_000 };
    const timeouts = (id, contender, operation) => ({
      id,
      contender,
      measure: 'repeated',
      params: { ...params, operation: operation ?? params.operation },
    });
    return [
      timeouts('async', 'meantime-async'),
      timeouts('generators', 'meantime-generators'),
      timeouts('call', 'bare-async', 'calls'),
      timeouts('effect', 'effect'),
      { ...timeouts('p-timeout', 'p-timeout'), rounds: 2 },
      { id: 'asyncio', script: 'tasks', rounds: 2, params },
    ];
  },
  rows: (s) =>
    ['async', 'generators'].flatMap((ours) =>
      Object.entries(peers).map(([peer, name]) =>
        faster(s, {
          metric: 'ns',
          unit: 'ns',
          ours,
          what: `${ours === 'async' ? 'async functions' : ours}, ${peer}`,
          peer,
          name,
          goal: { atLeast: 4 },
          floor: { id: 'call', name: 'await the call' },
        }),
      ),
    ),
};
