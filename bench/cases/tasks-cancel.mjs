import { figure } from '../harness/report.mjs';
import { row } from '../harness/row.mjs';

const breadth = { operation: 'park', sizes: [1, 10, 100, 1000, 10_000, 100_000, 1_000_000], middle: 1000 };
const depth = { operation: 'nest', sizes: [1, 10, 100, 1000, 10_000], middle: 100 };
const shorter = { ...breadth, sizes: breadth.sizes.slice(0, -1) };
const forms = { 'meantime-async': 'async functions', 'meantime-generators': 'generators' };

const shapes = ({ quick }) => ({ tasks: quick ? shorter : breadth, 'nested scopes': depth });

export default {
  id: 'tasks-cancel',
  title: 'Tasks: what a cancel costs, by breadth and depth',
  method:
    'So many parked tasks in one group, or so many cancel scopes inside one another with one parked task: cancelled at the top, until all has ended; ns for each of them. Linear means that each ' +
    'of the largest number costs at most twice what each of the middle number does. Median of several lots. The rows "to make" say what it cost to start them, until all were parked.',
  rounds: { full: 3, quick: 1 },
  contenders: (run) =>
    Object.entries(shapes(run)).flatMap(([shape, params]) =>
      Object.entries(forms).map(([contender, form]) => ({ id: `${shape}, ${form}`, contender, measure: 'cancel-sizes', params })),
    ),
  rows: (s, run) =>
    Object.entries(shapes(run)).flatMap(([shape, { sizes, middle }]) =>
      Object.values(forms).flatMap((form) => {
        const id = `${shape}, ${form}`;
        const count = (size) => size.toLocaleString('en-GB');
        const [most, fewer] = [count(sizes.at(-1)), count(middle)];
        const common = { unit: 'ns', ours: id, name: `itself, ${fewer}` };
        return [
          row(s, {
            ...common,
            what: `${most} ${shape}, ${form}`,
            metric: String(sizes.at(-1)),
            ratio: s.median(id, 'growth'),
            goal: { atMost: 2 },
            floor: { id, name: fewer, metric: String(middle) },
            note: `ns each by number: ${sizes.map((size) => `${count(size)}: ${figure(s.median(id, String(size)))}`).join('; ')}`,
          }),
          row(s, {
            ...common,
            what: `to make ${most} ${shape}, ${form}`,
            metric: 'made',
            ratio: s.median(id, 'madeGrowth'),
            floor: { id, name: fewer, metric: 'madeMiddle' },
          }),
        ];
      }),
    ),
};
