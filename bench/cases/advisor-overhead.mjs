import { row } from '../harness/row.mjs';

const work = {
  tiny: { n: 100_000, title: '100,000 tiny calls' },
  computing: { n: 20, title: '20 inputs that compute for 5 ms' },
  waiting: { n: 20, title: '20 inputs that wait for 5 ms' },
};
const byHand = ['tasks', 'threads', 'processes'];
const id = (kind, who) => `${kind}, ${who}`;

export default {
  id: 'advisor-overhead',
  apart: true,
  title: 'Advisor: what it costs that `map` chooses by itself',
  method:
    'All of `await map(fn, inputs)` in a fresh process, the start and the end of its workers included, only the import is not. By hand: the same `map` with `on`, all else left as it is. ' +
    'The plain loop is `for … of` with an `await`.',
  rounds: { full: 11, quick: 3 },
  contenders: () =>
    Object.entries(work).flatMap(([kind, { n }]) => {
      const one = (who, contender, options) => ({
        id: id(kind, who),
        contender,
        measure: 'whole-map',
        params: { work: kind, n, options },
        limit: 60_000,
      });
      return [one('auto', 'meantime-map', {}), one('loop', 'plain-loop', {}), ...byHand.map((on) => one(on, 'meantime-map', { on }))];
    }),
  rows: (s) =>
    Object.entries(work).flatMap(([kind, { title }]) => {
      const time = { metric: 'ms', unit: 'ms', ours: id(kind, 'auto') };
      const best = s.best(
        byHand.map((on) => id(kind, on)),
        'ms',
        Math.min,
      );
      const hand = { ...time, what: `${title}, best by hand`, peer: best ?? id(kind, 'tasks'), name: `on: ${best?.split(', ')[1]}` };
      const loop = { ...time, what: `${title}, plain loop`, peer: id(kind, 'loop'), name: 'plain loop' };
      return kind === 'tiny'
        ? [row(s, { ...hand, goal: { atMost: 1.1 } }), row(s, loop)]
        : [row(s, hand), row(s, { ...loop, goal: { atMost: 1.2 } })];
    }),
};
