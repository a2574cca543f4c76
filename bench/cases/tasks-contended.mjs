import { faster } from '../harness/row.mjs';

const peers = ['async-sema', 'async-mutex', 'effect'];

export default {
  id: 'tasks-contended',
  title: 'Tasks: a `Lock` that 100 tasks want',
  method:
    'It is held until all of them wait; then each takes it and gives it back, again and again, 200,000 times in all; ns for both together. The note says which share of it went ' +
    'to another task than the last one: all of it where a lock is handed over.',
  rounds: { full: 7, quick: 1 },
  contenders: ({ quick }) => {
    const params = { n: quick ? 50_000 : 200_000, tasks: 100 };
    const contend = (id, contender, more) => ({ id, contender, measure: 'contended', params: { ...params, ...more } });
    return [
      contend('async', 'meantime-async'),
      contend('generators', 'meantime-generators'),
      ...peers.map((peer) => contend(peer, peer)),
      contend('async-sema in storage', 'async-sema', { storage: true }),
    ];
  },
  rows: (s) => {
    const turns = (id) => `${id} ${s.median(id, 'turns')?.toFixed(2) ?? '–'}`;
    const note = `given to another task: ${['async', 'generators', ...peers].map(turns).join(', ')}`;
    const against = (ours, peer, name, more) =>
      faster(s, {
        metric: 'ns',
        unit: 'ns',
        ours,
        what: `${ours === 'async' ? 'async functions' : ours}, ${name}`,
        peer,
        name,
        ...more,
      });
    return ['async', 'generators'].flatMap((ours) => [
      ...peers.map((peer) => against(ours, peer, peer, { goal: { atLeast: 1 } })),
      against(ours, 'async-sema in storage', 'async-sema in als.run', ours === 'async' ? { note } : {}),
    ]);
  },
};
