import { faster, row } from '../harness/row.mjs';

export default {
  id: 'shared-lock',
  title: 'Shared memory: a `SharedLock`',
  method:
    'Uncontended: one thread takes and releases it 1,000,000 times with `acquireSync`; ns for both together. Contended: two threads, 1,000,000 critical sections of some 100 ns ' +
    'altogether; ns of wall time for each. The mutex of messages is one that the main thread keeps (100,000 sections).',
  rounds: { full: 7, quick: 1 },
  contenders: ({ quick }) => {
    const n = quick ? 200_000 : 1_000_000;
    const one = (id, contender, operation, count = n) => ({ id, contender, measure: 'shared', params: { operation, n: count } });
    return [
      one('uncontended', 'shared-lock', 'uncontended'),
      one('raw', 'shared-raw', 'uncontended'),
      one('contended', 'shared-lock', 'contended'),
      one('alone', 'shared-lock', 'alone'),
      one('messages', 'message-mutex', 'contended', n / 10),
      { id: 'python', script: 'locks', params: { n } },
    ];
  },
  rows: (s) => {
    const unit = { metric: 'ns', unit: 'ns' };
    const contended = { ...unit, ours: 'contended', floor: { id: 'alone', name: 'one thread, no lock' }, goal: { atLeast: 5 } };
    return [
      row(s, {
        ...unit,
        ours: 'uncontended',
        what: 'uncontended, bare steps',
        peer: 'raw',
        name: 'compareExchange + store',
        goal: { atMost: 3 },
      }),
      faster(s, { ...contended, what: 'contended, Python', peer: 'python', name: 'threading.Lock' }),
      faster(s, { ...contended, what: 'contended, a mutex of messages', peer: 'messages', name: 'postMessage mutex' }),
    ];
  },
};
