import { gridOf } from '../advisor/grid.mjs';
import { workloads } from '../advisor/workloads/index.mjs';
import { figure } from '../harness/report.mjs';
import { row } from '../harness/row.mjs';
import { Samples } from '../harness/stats.mjs';

/** How much of the best is good enough, and of how many workloads. */
const [GOOD, MOST] = [0.9, 90];
/** In ms. A workload takes some 15 s, some of them 40. */
const LIMIT = 180_000;

const different = workloads.filter(({ twin }) => twin === undefined);
/** Of the kinds with many functions every second one: a grid takes a quarter of a minute. */
const large = ['cpu-bound', 'pool-bound', 'io-bound'];
const measured = different.filter(
  (workload) => !large.includes(workload.kind) || different.filter(({ kind }) => kind === workload.kind).indexOf(workload) % 2 === 0,
);
/** The first of each kind, for a smoke test. */
const some = measured.filter(({ kind }, i) => measured.findIndex((one) => one.kind === kind) === i);
const chosen = ({ quick }) => (quick ? some : measured);
const changes = ({ quick }) => (quick ? ['computing'] : ['computing', 'waiting']);
const changeId = (from) => `from ${from} to ${from === 'computing' ? 'waiting' : 'computing'}`;

const points = measured.reduce((sum, workload) => sum + gridOf(workload).length, 0);

export default {
  id: 'advisor-choice',
  apart: true,
  title: 'Advisor: the point that is chosen',
  method:
    `${measured.length} of the labelled functions (those with a near twin among them are left out, and of those that compute, wait or use Node's pool every second one), ${points} points of the plane in all, each workload in a process of its own. ` +
    'First each point of its grid is measured once, in an order by lot: workers are up and have run the function, 150 ms are for warming up, and results are counted for 250 ms or as long as 8 calls take in a row, whichever is longer. ' +
    'The highest of many noisy figures is too high, so they only choose: the two best are measured again, in turns with the advised point, three times, for 500 ms each. ' +
    '"The best" is the one of these two with the better median, which still favours it a little; the ratio of the advised point is the median of the ratios in each turn. ' +
    'AutoExecutor runs between the first turn and the second, and is compared with the best in these two. AutoExecutor is new, gets endless inputs, and counts from 3 s after its start for 1.5 s. ' +
    'No point of a grid has more than 64 calls in flight: the advised point and AutoExecutor may, so they can be better than the best. ' +
    'Work that changes computes for some 7 ms a call and then waits for 20 ms, or the other way round; AutoExecutor is counted from 3 s after the change, and compared with the best point for what the work has become, ' +
    'before and after.',
  rounds: { full: 1, quick: 1 },
  contenders: (options) => [
    ...chosen(options).map(({ name }) => ({
      id: name,
      contender: 'meantime-plane',
      measure: 'choice',
      params: { workload: name, ...options },
      limit: LIMIT,
    })),
    ...changes(options).map((from) => ({
      id: changeId(from),
      contender: 'meantime-plane',
      measure: 'change',
      params: { from, ...options },
      limit: LIMIT,
    })),
  ],
  rows: (samples, options) => {
    const list = chosen(options).map(({ name }) => name);
    const share = (metric) => {
      const ratios = list.map((id) => samples.median(id, metric));
      return (100 * ratios.filter((ratio) => ratio >= GOOD).length) / list.length;
    };
    const failed = list.filter((id) => samples.failures[id]);
    const sums = new Samples(
      { meantime: failed.length === list.length ? [] : [{ advised: share('advisedRatio'), auto: share('autoRatio') }] },
      failed.length === 0
        ? {}
        : { meantime: { message: `${failed.length} of ${list.length} failed: ${samples.failures[failed[0]].message}` } },
    );
    const goal = { unit: '%', judge: 'ours', goal: { atLeast: MOST } };
    return [
      row(sums, { ...goal, metric: 'advised', what: 'workloads where the advised point does 90 % of the best' }),
      row(sums, { ...goal, metric: 'auto', what: 'workloads where AutoExecutor does 90 % of the best' }),
      ...changes(options).map((from) => {
        const id = changeId(from);
        const best = (samples.rounds[id] ?? []).map((found) => ({ rate: found.best }));
        const both = new Samples({ [id]: samples.rounds[id] ?? [], best }, samples.failures);
        const against = { peer: 'best', name: 'best point for it', goal: { atLeast: GOOD } };
        return row(both, { ...against, what: `work that changes ${id}`, ours: id, metric: 'rate', unit: '/s' });
      }),
    ];
  },
  tables: (samples, options) => [
    {
      title: 'Each workload',
      headings: [
        'function',
        'label',
        'best of the grid',
        'calls/s',
        'advised',
        'of the best',
        'AutoExecutor',
        'of the best',
        'the grid, calls/s',
      ],
      lines: chosen(options).map((workload) => lineOf(samples, workload)),
    },
  ],
};

function lineOf(samples, { name, kind }) {
  const [found] = samples.rounds[name];
  if (!found) return [name, kind, 'failed', '', '', '', '', '', ''];
  const mark = (ratio) => (ratio === undefined ? '–' : `${figure(ratio)}x${ratio < GOOD ? ' LOW' : ''}`);
  return [
    name,
    kind,
    found.best,
    figure(found.bestRate),
    found.advised,
    mark(found.advisedRatio),
    found.autoPoint ?? '',
    mark(found.autoRatio),
    Object.entries(found.screened)
      .map(([point, rate]) => `${point}: ${figure(rate)}`)
      .join('; '),
  ];
}
