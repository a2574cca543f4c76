import { faster, row } from '../harness/row.mjs';

const peers = ['async-mutex', 'async-sema', 'p-limit', 'effect'];
const names = { 'p-limit': 'p-limit(1)', effect: 'effect Semaphore' };

export default {
  id: 'tasks-lock',
  title: 'Tasks: a `Lock` that nobody else wants',
  method:
    'Taken and given back 1,000,000 times by one task; ns for both together. Effect takes and releases with effects that are made once.',
  rounds: { full: 7, quick: 1 },
  contenders: ({ quick }) => {
    const lock = (id, contender, params) => ({
      id,
      contender,
      measure: 'repeated',
      params: { operation: 'lock', n: quick ? 200_000 : 1_000_000, ...params },
    });
    return [
      lock('async', 'meantime-async'),
      lock('generators', 'meantime-generators'),
      lock('await', 'bare-async', { operation: 'awaits' }),
      lock('await in storage', 'bare-async', { operation: 'awaits', storage: true }),
      ...peers.map((peer) => lock(peer, peer)),
      lock('async-sema in storage', 'async-sema', { storage: true }),
    ];
  },
  rows: (s) => {
    const cost = { metric: 'ns', unit: 'ns', floor: { id: 'await', name: 'await undefined' } };
    return [
      row(s, { ...cost, ours: 'generators', what: 'generators, a native await', peer: 'await', goal: { atMost: 1 } }),
      row(s, { ...cost, ours: 'async', what: 'async functions, a native await', peer: 'await' }),
      row(s, {
        ...cost,
        ours: 'async',
        what: 'async functions, a native await in an AsyncLocalStorage',
        peer: 'await in storage',
        name: 'await in als.run',
      }),
      faster(s, {
        ...cost,
        ours: 'async',
        what: 'async functions, async-sema in an AsyncLocalStorage',
        peer: 'async-sema in storage',
        name: 'async-sema in als.run',
      }),
      ...['async', 'generators'].flatMap((ours) =>
        peers.map((peer) =>
          faster(s, {
            ...cost,
            ours,
            what: `${ours === 'async' ? 'async functions' : ours}, ${peer}`,
            peer,
            name: names[peer],
            goal: { atLeast: 1 },
          }),
        ),
      ),
    ];
  },
};
