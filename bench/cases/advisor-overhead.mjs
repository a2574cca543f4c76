import { row } from '../harness/row.mjs';

const work = {
  tiny: { n: 100_000, title: '100,000 tiny calls' },
  computing: { n: 20, title: '20 inputs that compute for 5 ms' },
  waiting: { n: 20, title: '20 inputs that wait for 5 ms' },
};
const byHand = ['tasks', 'threads', 'processes'];
const themselves = ['auto', 'tasks', 'threads'];
const id = (kind, who) => `${kind}, ${who}`;
const itself = (executor) => `${executor} itself`;

export default {
  id: 'advisor-overhead',
  apart: true,
  title: 'Advisor: what it costs that `map` chooses by itself',
  method:
    'All of `await map(fn, inputs)` in a fresh process, the start and the end of its workers included, only the import is not. By hand: the same `map` with `on`, all else left as it is. ' +
    'The plain loop is `for … of` with an `await`. Tiny calls also go through `AutoExecutor`, `TaskExecutor` and `ThreadPoolExecutor` themselves, without what `map` does for each input.',
  rounds: { full: 11, quick: 3 },
  contenders: () =>
    Object.entries(work).flatMap(([kind, { n }]) => {
      const one = (who, contender, options) => {
        const params = { work: kind, n, options };
        return { id: id(kind, who), contender, measure: 'whole-map', params, limit: 60_000 };
      };
      return [
        one('auto', 'meantime-map', {}),
        one('loop', 'plain-loop', {}),
        ...byHand.map((on) => one(on, 'meantime-map', { on })),
        ...(kind === 'tiny' ? themselves.map((executor) => one(itself(executor), 'meantime-executors', { executor })) : []),
      ];
    }),
  rows: (s) => Object.entries(work).flatMap(([kind, { title }]) => rowsOf(s, kind, title)),
};

function rowsOf(s, kind, title) {
  const best = (names) =>
    names.map((who) => id(kind, who)).find((one, _, ids) => one === s.best(ids, 'ms', Math.min)) ?? id(kind, names[0]);
  const time = { metric: 'ms', unit: 'ms', ours: id(kind, 'auto') };
  const hand = best(byHand);
  const against = { ...time, what: `${title}, best by hand`, peer: hand, name: `on: ${hand.split(', ')[1]}` };
  const loop = { ...time, what: `${title}, plain loop`, peer: id(kind, 'loop'), name: 'plain loop' };
  if (kind !== 'tiny') return [row(s, against), row(s, { ...loop, goal: { atMost: 1.2 } })];
  const own = best(themselves.slice(1).map(itself));
  return [
    row(s, { ...against, goal: { atMost: 1.1 } }),
    row(s, { ...time, what: `${title}, the executors themselves`, ours: id(kind, itself('auto')), peer: own, name: own.split(', ')[1] }),
    row(s, loop),
  ];
}
