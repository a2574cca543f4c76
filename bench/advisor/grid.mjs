const tasks = (...concurrency) => concurrency.map((each) => ({ on: 'tasks', workers: 1, concurrency: each }));
const threads = (...points) => points.map(([workers, concurrency]) => ({ on: 'threads', workers, concurrency }));

// What is left out cannot win, or only by what is not the question: a function that does not give its thread back gains nothing from a second call beside it (one such point is
// there to show it); 16 calls keep a pool of four threads full, and a loop that is held for a quarter of each call; and work that waits could be given any number of calls in flight. So 64 in flight, over all workers, is the most that any point here has.
const grids = {
  'cpu-bound': [...tasks(1), ...threads([1, 1], [2, 1], [2, 4], [4, 1], [8, 1])],
  blocking: [...tasks(1), ...threads([1, 1], [2, 1], [4, 1], [8, 1], [16, 1], [32, 1])],
  'pool-bound': [...tasks(1, 4, 16), ...threads([2, 1], [2, 4], [4, 1], [4, 4], [8, 1])],
  'io-bound': [...tasks(1, 4, 16, 64), ...threads([2, 4], [2, 16], [2, 32], [8, 8])],
  mixed: [...tasks(1, 4, 16), ...threads([1, 4], [2, 1], [2, 4], [2, 16], [4, 1], [4, 4], [8, 1], [8, 4])],
  tiny: [...tasks(1, 16), ...threads([1, 1], [2, 1], [2, 16], [4, 1])],
};

export const nameOf = ({ on, workers, concurrency }) => (on === 'tasks' ? `tasks ×${concurrency}` : `${workers} ${on} ×${concurrency}`);

/** The points that are measured for a workload: those for its kind, and for the others that are right. */
export function gridOf({ kind, alsoRight = [] }) {
  const all = [kind, ...alsoRight].flatMap((one) => grids[one]);
  return [...new Map(all.map((point) => [nameOf(point), point])).values()];
}
