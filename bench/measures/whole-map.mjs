import { sleepFor } from '../advisor/workloads/timers.mjs';
import { increment } from '../functions.mjs';
import { computeFor } from '../functions-auto.mjs';

const functions = {
  tiny: { fn: increment, input: (i) => i },
  computing: { fn: computeFor, input: () => 5 },
  waiting: { fn: sleepFor, input: () => 5 },
};

/** All of a map, with the start and the end of its workers, in a process that has done nothing before; only the import is not in it. */
export default async function wholeMap(load, { work, n, options }) {
  const { mapAll } = await load();
  const { fn, input } = functions[work];
  const inputs = Array.from({ length: n }, (_, i) => input(i));
  const all = mapAll(fn, inputs, options);
  const start = performance.now();
  const results = await all();
  const ms = performance.now() - start;
  if (results.length !== n) throw new Error(`${n} inputs gave ${results.length} results`);
  return { ms };
}
