import { row } from '../harness/row.mjs';

const pools = { meantime: 'meantime-threads', port: 'port', piscina: 'piscina', tinypool: 'tinypool' };

export default {
  id: 'one-at-a-time',
  title: 'Tiny calls, one at a time, threads',
  method:
    '`await submit(add, 1, 2)` in a loop: the median there and back. On two cores most of it is the waking of a core that went to sleep, so it is ' +
    'measured pinned to one core too. The limit is `[0, 1, 2]` there and back over a bare MessagePort.',
  rounds: { full: 11, quick: 3 },
  contenders: ({ quick }) =>
    [false, true].flatMap((pin) =>
      Object.entries(pools).map(([id, contender]) => ({
        id: pin ? `${id} pinned` : id,
        contender,
        measure: 'one-at-a-time',
        pin,
        params: quick ? { warm: 500, calls: 1000 } : { warm: 1500, calls: 3000 },
      })),
    ),
  rows: (s) =>
    ['', ' pinned'].flatMap((pin) => {
      const where = pin ? 'one core' : 'two cores';
      const common = { metric: 'us', unit: 'µs', ours: `meantime${pin}`, floor: { id: `port${pin}`, name: 'bare MessagePort' } };
      return [
        row(s, { ...common, what: `limit, ${where}`, peer: `port${pin}`, name: 'bare MessagePort', goal: { atMost: 1.15 } }),
        row(s, { ...common, what: `piscina, ${where}`, peer: `piscina${pin}`, name: 'piscina', goal: { atMost: 1 } }),
        row(s, { ...common, what: `tinypool, ${where}`, peer: `tinypool${pin}`, name: 'tinypool' }),
      ];
    }),
};
