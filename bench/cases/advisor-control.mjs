import { figure } from '../harness/report.mjs';
import { row } from '../harness/row.mjs';

const backends = {
  servers: '16 servers at 20 ms',
  variance: '64 servers at 50 ms, exponential',
  cpu: '2 cores at 20 ms',
  crowded: 'slower past 30',
  refusing: '429 above 24',
  loss: '16 servers, then 4',
};
const others = ['AIMD, errors only', 'AIMD, slow at 3x', 'Vegas', 'Gradient2, defaults', 'Gradient2, for batches', 'hill climbing'];
const ours = 'meantime';
const SEEDS = { full: 5, quick: 2 };

/** A row whose ratio is that of the worst seed to the best fixed limit. */
function against(s, { id, name, key, metric, worst, ...spec }) {
  const value = s.median(ours, `${name}/${id}/${metric}`);
  const ratio = s.median(ours, `${name}/${id}/${worst}`);
  return {
    ...row(s, { ...spec, metric: `${name}/${id}/${metric}`, peer: 'best fixed limit', ratio }),
    ours: value,
    theirs: s.median(ours, `${id}/${key}`),
  };
}

function rowsOf(s, [id, title]) {
  const of = (what, name = ours) => s.median(ours, `${name}/${id}/${what}`);
  const throughput = (name) => ({ id, name, key: 'rate', metric: 'rate', worst: 'throughput worst', unit: 'calls/s' });
  const inFlight = (name) => ({ id, name, key: 'limit', metric: 'in flight', worst: 'excess worst', unit: 'in flight' });
  return [
    against(s, { ...throughput(ours), what: `${title}: throughput`, goal: { atLeast: 0.9 } }),
    against(s, { ...inFlight(ours), what: `${title}: in flight`, goal: { atMost: 1.5 } }),
    row(s, {
      what: `${title}: until 90 %, worst seed`,
      metric: `${ours}/${id}/reached worst`,
      unit: 'ms',
      judge: 'ours',
      goal: { atMost: 3000 },
    }),
    ...(id === 'refusing'
      ? [
          row(s, {
            what: `${title}: not refused, worst seed`,
            metric: `${ours}/${id}/accepted worst`,
            unit: '%',
            judge: 'ours',
            goal: { atLeast: 95 },
          }),
        ]
      : []),
    ...others.map((name) => ({
      ...against(s, { ...throughput(name), what: `${title}: ${name}` }),
      floor: {
        name: `in flight, ${figure(of('reached', name))} ms to 90 %${id === 'refusing' ? `, ${figure(of('accepted', name))} % not refused` : ''}`,
        value: of('in flight', name),
        unit: ' ',
      },
    })),
  ];
}

export default {
  id: 'advisor-control',
  title: 'Calls in flight: controls in simulation',
  method:
    'Six backends in virtual time, calls without end, several seeds. Held against the smallest fixed limit that gives 99 % of the best throughput, found by trying all up to 40 and some up to 128 in the same simulation. ' +
    'A figure is the mean of the seeds, a ratio that of the worst seed. "Until 90 %" is when throughput first is, for half a second, nine tenths of the best, and the same after the backend has changed. ' +
    'The others are written for this case after what their authors say and publish (Netflix concurrency-limits; .NET), start at 2 and may go to 1000, but for the defaults of Gradient2, of which one is a least of 20.',
  rounds: { full: 1, quick: 1 },
  contenders: ({ quick }) => [
    {
      id: ours,
      contender: 'simulated-controls',
      measure: 'simulated-controls',
      limit: 300_000,
      params: quick ? { length: 30_000, seeds: SEEDS.quick } : { length: 60_000, seeds: SEEDS.full },
    },
  ],
  rows: (s) => Object.entries(backends).flatMap((one) => rowsOf(s, one)),
};
