import { row } from '../harness/row.mjs';

export default {
  id: 'endless',
  title: 'Endless `map`, resident memory',
  method:
    '`for await` over a map of a generator that never ends. Resident memory of the process, threads included, after a collection at each of the two points. ' +
    'Without one it swings with the phase of the collector: the second row has the medians of 20 readings that led up to the points. Flat means within 10 %.',
  rounds: { full: 5, quick: 1 },
  contenders: ({ quick }) => [
    {
      id: 'meantime',
      contender: 'meantime-threads',
      measure: 'endless',
      flags: ['--expose-gc'],
      limit: 300_000,
      params: quick ? { early: 500_000, late: 2_000_000 } : { early: 1_000_000, late: 10_000_000 },
    },
  ],
  rows: (s, { quick }) => {
    const points = quick ? 'after 2,000,000, against 500,000' : 'after 10,000,000, against 1,000,000';
    const compare = (what, kind, goal) => {
      const [early, late] = ['early', 'late'].map((point) => s.median('meantime', `${point}${kind}`));
      const floor = { name: 'earlier', value: early };
      return row(s, { what, metric: `late${kind}`, unit: 'MB', name: 'itself, earlier', ratio: late && late / early, goal, floor });
    };
    return [
      compare(points, 'Kept', { atMost: 1.1 }),
      compare(`${points}, uncollected`, 'Before'),
      row(s, { what: 'results', metric: 'perSecond', unit: '/s' }),
      row(s, { what: 'peak', metric: 'peak', unit: 'MB' }),
    ];
  },
};
