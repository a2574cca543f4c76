import { row } from '../harness/row.mjs';

const piscinas = [1, 16, 64].flatMap((concurrency) =>
  [false, true].map((async) => ({
    id: `piscina ${concurrency}${async ? ' async' : ''}`,
    contender: 'piscina',
    measure: 'in-flight',
    params: { concurrency, async },
  })),
);
const tinypools = [1, 16, 64].map((concurrency) => ({
  id: `tinypool ${concurrency}`,
  contender: 'tinypool',
  measure: 'in-flight',
  params: { concurrency, async: concurrency > 1 },
}));

export default {
  id: 'tiny-threads',
  title: 'Tiny calls, 1,000 in flight, threads',
  method: '`add(1, 2)` on two workers; each of 1,000 lanes awaits its call and makes the next.',
  rounds: { full: 5, quick: 1 },
  contenders: ({ quick }) => {
    const length = quick ? { warm: 200, ms: 300 } : { warm: 400, ms: 800 };
    const all = [
      { id: 'meantime', contender: 'meantime-threads', measure: 'in-flight' },
      ...piscinas,
      ...tinypools,
      { id: 'bare await', contender: 'bare-await', measure: 'in-flight' },
      { id: 'bare MessagePort', contender: 'port', measure: 'flood', params: { workers: 2, inFlight: 1000 } },
    ];
    return all.map((spec) => ({ ...spec, params: { ...spec.params, ...length } }));
  },
  rows: (s) => {
    const piscina =
      s.best(
        piscinas.map(({ id }) => id),
        'perSecond',
      ) ?? 'piscina 1';
    const tinypool =
      s.best(
        tinypools.map(({ id }) => id),
        'perSecond',
      ) ?? 'tinypool 1';
    const settings = (name, ids) =>
      `${name} a second by concurrentTasksPerWorker: ${ids.map(({ id }) => `${id.slice(name.length + 1)} ${Math.round(s.median(id, 'perSecond') ?? 0)}`).join(', ')}`;
    const rate = { metric: 'perSecond', unit: '/s', floor: { id: 'bare MessagePort', name: 'bare MessagePort, one message a call' } };
    return [
      row(s, { ...rate, what: 'calls', peer: piscina, goal: { atLeast: 10 }, note: settings('piscina', piscinas) }),
      row(s, { ...rate, what: 'calls, tinypool', peer: tinypool, note: settings('tinypool', tinypools) }),
      row(s, {
        what: 'main thread per call',
        metric: 'mainCpu',
        unit: 'µs',
        peer: piscina,
        goal: { atMost: 1.5 },
        judge: 'ours',
        floor: { id: 'bare await' },
      }),
      row(s, { what: 'all threads per call', metric: 'allCpu', unit: 'µs', peer: piscina }),
    ];
  },
};
