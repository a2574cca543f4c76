import { row } from '../harness/row.mjs';

const loads = [
  { id: '64 KB string, copied', kind: 'string', size: 64 * 1024, moved: false, calls: 1500 },
  { id: '1 MB Uint8Array, copied', kind: 'bytes', size: 1024 * 1024, moved: false, calls: 250 },
  { id: '1 MB Uint8Array, transferred', kind: 'bytes', size: 1024 * 1024, moved: true, calls: 1500 },
];
const pools = { meantime: 'meantime-threads', port: 'port', piscina: 'piscina' };

const name = (pool, id, pin) => `${pool}: ${id}${pin ? ' pinned' : ''}`;

export default {
  id: 'echo',
  title: 'Large values there and back, threads',
  method:
    'One at a time, awaited; what comes back is sent next. The limit is the same value over a bare MessagePort. Pinned to one core too, because otherwise the ' +
    'waking of a sleeping core drowns the rest.',
  rounds: { full: 7, quick: 1 },
  contenders: ({ quick }) =>
    [false, true].flatMap((pin) =>
      loads.flatMap(({ id, calls, ...params }) =>
        Object.entries(pools).map(([pool, contender]) => ({
          id: name(pool, id, pin),
          contender,
          measure: 'echo',
          pin,
          params: { ...params, calls: quick ? calls / 5 : calls, warm: calls / 5 },
        })),
      ),
    ),
  rows: (s) =>
    [false, true].flatMap((pin) =>
      loads.flatMap(({ id }) => {
        const limit = name('port', id, pin);
        const common = { metric: 'us', unit: 'µs', ours: name('meantime', id, pin) };
        const what = pin ? `${id}, one core` : id;
        return [
          row(s, {
            ...common,
            what,
            peer: limit,
            name: 'bare postMessage',
            goal: { atMost: 1.15 },
            floor: { id: limit, name: 'bare postMessage' },
          }),
          row(s, { ...common, what: `${what}, piscina`, peer: name('piscina', id, pin), name: 'piscina' }),
        ];
      }),
    ),
};
