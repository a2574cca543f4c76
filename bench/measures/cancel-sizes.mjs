import { median } from '../harness/stats.mjs';

/** So many are cancelled in lots of each size. The median lot counts, and never fewer than three: a collection of what the making left behind may fall into any. */
const ENOUGH = 200_000;

/** What it costs to cancel and to join what `operation` made, for each of `sizes`, in ns for one; `growth` is the last over `middle`. */
export default async function cancelSizes(load, { operation, sizes, middle, ...options }) {
  const thing = await (await load()).open(options);
  const cost = async (size) => {
    const lots = Math.min(1000, Math.max(3, Math.ceil(ENOUGH / size)));
    const times = [];
    for (let i = 0; i < lots; i++) {
      const { stop } = await thing[operation](size);
      const start = performance.now();
      await stop();
      times.push(performance.now() - start);
    }
    return (median(times) / size) * 1e6;
  };
  await cost(middle);
  const result = {};
  for (const size of sizes) result[size] = await cost(size);
  return { ...result, growth: result[sizes.at(-1)] / result[middle] };
}
