import { faster, row } from '../harness/row.mjs';

const kinds = {
  object: { what: 'small objects', n: 300_000, goal: { atLeast: 5 } },
  number: { what: 'numbers', n: 300_000 },
  bytes: { what: 'Uint8Arrays of 64 KB', n: 3_000 },
};

export default {
  id: 'shared-queue',
  title: 'Shared memory: a `SharedQueue`',
  method:
    'One thread puts, one gets; ns of wall time for each item. The queue holds 10,000 items, so its producer has to wait for the consumer; the port holds whatever comes. ' +
    'The better of two ways to read a port counts: its events, or asking it again and again.',
  rounds: { full: 7, quick: 1 },
  contenders: ({ quick }) =>
    Object.entries(kinds).flatMap(([kind, { n }]) => {
      const one = (way, contender) => ({
        id: `${kind}, ${way}`,
        contender,
        measure: 'shared',
        params: { operation: way, kind, capacity: 10_000, n: quick ? n / 3 : n },
      });
      return [
        one('blocking', 'shared-queue'),
        one('awaiting', 'shared-queue'),
        one('events', 'port-stream'),
        one('polling', 'port-stream'),
      ];
    }),
  rows: (s) =>
    Object.entries(kinds).flatMap(([kind, { what, goal }]) => {
      const best = s.best([`${kind}, events`, `${kind}, polling`], 'ns', Math.min) ?? `${kind}, events`;
      const peer = { metric: 'ns', unit: 'ns', peer: best, name: `MessagePort, ${best.split(', ')[1]}` };
      return [
        faster(s, { ...peer, ours: `${kind}, blocking`, what: `${what}, putSync and getSync`, goal }),
        faster(s, { ...peer, ours: `${kind}, awaiting`, what: `${what}, put and get` }),
        row(s, { metric: 'ns', unit: 'ns', ours: `${kind}, events`, what: `(${what}, MessagePort, events)` }),
      ];
    }),
};
