import { row } from '../harness/row.mjs';

export default {
  id: 'endless',
  title: 'Endless `map`, resident memory',
  method:
    '`for await` over a map of a generator that never ends; resident memory as the median of 20 readings up to each point. Flat means within 10 %.',
  rounds: { full: 1, quick: 1 },
  contenders: ({ quick }) => [
    {
      id: 'meantime',
      contender: 'meantime-threads',
      measure: 'endless',
      limit: 300_000,
      params: quick ? { early: 500_000, late: 2_000_000 } : { early: 1_000_000, late: 10_000_000 },
    },
  ],
  rows: (s, { quick }) => {
    const late = s.median('meantime', 'late');
    return [
      row(s, {
        what: quick ? 'after 2,000,000, against 500,000' : 'after 10,000,000, against 1,000,000',
        metric: 'late',
        unit: 'MB',
        name: 'itself, earlier',
        ratio: late && late / s.median('meantime', 'early'),
        goal: { atMost: 1.1 },
        floor: { name: 'earlier', value: s.median('meantime', 'early') },
      }),
      row(s, { what: 'results', metric: 'perSecond', unit: '/s' }),
      row(s, { what: 'peak', metric: 'peak', unit: 'MB' }),
    ];
  },
};
