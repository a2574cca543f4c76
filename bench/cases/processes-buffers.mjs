import { faster } from '../harness/row.mjs';

const loads = [
  { id: '64 KB', size: 64 * 1024, calls: 4000, goals: {} },
  { id: '1 MB', size: 2 ** 20, calls: 1500, goals: {} },
  { id: '100 MB', size: 100e6, calls: 6, goals: { koffi: { atLeast: 5 }, files: { atLeast: 1.5 } } },
];
const ways = { koffi: 'meantime-processes', files: 'meantime-processes-files', fork: 'fork-advanced' };

const name = (way, id) => `${way}: ${id}`;

export default {
  id: 'processes-buffers',
  title: 'Large buffers to a process and back',
  method:
    'A Uint8Array, one at a time, awaited; what comes back is sent next. The peer is a `fork` with `serialization: "advanced"` and nothing around it. Ours is a call of a pool of ' +
    'one process: with the optional koffi, and as if it were not installed.',
  rounds: { full: 5, quick: 1 },
  contenders: ({ quick }) =>
    loads.flatMap(({ id, size, calls }) =>
      Object.entries(ways).map(([way, contender]) => ({
        id: name(way, id),
        contender,
        measure: 'echo',
        params: { kind: 'bytes', size, workers: 1, calls: quick ? Math.ceil(calls / 4) : calls, warm: Math.max(4, Math.ceil(calls / 4)) },
      })),
    ),
  rows: (s) =>
    loads.flatMap(({ id, goals }) =>
      [
        ['koffi', 'with koffi'],
        ['files', 'without'],
      ].map(([way, what]) =>
        faster(s, {
          what: `${id}, ${what}`,
          metric: 'us',
          unit: 'µs',
          ours: name(way, id),
          peer: name('fork', id),
          name: 'fork, advanced',
          goal: goals[way],
        }),
      ),
    ),
};
