import { row } from '../harness/row.mjs';

export default {
  id: 'shared-atomic',
  title: 'Shared memory: an `AtomicInt32`',
  method: 'Two threads add 1 to one number, 1,000,000 times altogether; ns of wall time for each.',
  rounds: { full: 9, quick: 3 },
  contenders: () =>
    ['ours', 'raw'].map((id) => ({ id, contender: 'shared-add', measure: 'shared', params: { operation: id, n: 1_000_000 } })),
  rows: (s) => [row(s, { metric: 'ns', unit: 'ns', ours: 'ours', what: 'add', peer: 'raw', name: 'Atomics.add', goal: { atMost: 1.2 } })],
};
