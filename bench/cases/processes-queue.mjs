import { row } from '../harness/row.mjs';

const python = { peer: 'python', name: 'multiprocessing.Queue' };

export default {
  id: 'processes-queue',
  title: 'ProcessQueue: small objects from this process to another',
  method:
    'A queue of 1,000; one producer, one consumer, each item an object of three small fields. Batched: 100 are put in one turn and then awaited, and the consumer fetches up to 1,000 together. ' +
    'One at a time: each `put` is awaited, and the consumer fetches one. Python’s queue has no broker: its consumer reads the producer’s pipe.',
  rounds: { full: 5, quick: 1 },
  contenders: ({ quick }) => {
    const length = quick ? { warm: 30_000, items: 100_000 } : { warm: 50_000, items: 300_000 };
    const few = { warm: 200, items: quick ? 1000 : 5000 };
    const ours = (id, params) => ({ id, contender: 'process-queue', measure: 'process-queue', params: { capacity: 1000, ...params } });
    return [
      ours('meantime', { ...length, batch: 100, prefetch: 1000 }),
      ours('far', { ...length, batch: 100, prefetch: 1000, far: true }),
      ours('one', { ...few, batch: 1, prefetch: 1 }),
      { id: 'python', script: 'mp_queue', params: { ...length, warm: 5000, capacity: 1000 } },
    ];
  },
  rows: (s) => {
    const rate = { metric: 'perSecond', unit: '/s' };
    return [
      row(s, { ...rate, ...python, what: 'batched', goal: { atLeast: 3 } }),
      row(s, { ...rate, ...python, what: 'batched, from a third process', ours: 'far' }),
      row(s, { ...rate, ...python, what: 'one at a time', ours: 'one' }),
    ];
  },
};
