import { median } from '../harness/stats.mjs';

/**
 * So many are cancelled in lots of each size, and fewer than three lots only of a million. The median lot counts: a collection of what the making left behind
 * may fall into any.
 */
const ENOUGH = 100_000;

/**
 * What it costs to cancel and to join what `operation` made, for each of `sizes`, in ns for one; `growth` is the last over `middle`. `made` and `madeGrowth` say the same
 * of the making, until all of it is parked.
 */
export default async function cancelSizes(load, { operation, sizes, middle, ...options }) {
  const thing = await (await load()).open(options);
  const cost = async (size) => {
    const lots = Math.min(1000, Math.max(size < 1_000_000 ? 3 : 1, Math.ceil(ENOUGH / size)));
    const [makes, cancels] = [[], []];
    for (let i = 0; i < lots; i++) {
      const start = performance.now();
      const { stop } = await thing[operation](size);
      const made = performance.now();
      await stop();
      makes.push(made - start);
      cancels.push(performance.now() - made);
    }
    return [makes, cancels].map((times) => (median(times) / size) * 1e6);
  };
  await cost(middle);
  const [made, cancelled] = [{}, {}];
  for (const size of sizes) [made[size], cancelled[size]] = await cost(size);
  const growth = (costs) => costs[sizes.at(-1)] / costs[middle];
  return { ...cancelled, growth: growth(cancelled), made: made[sizes.at(-1)], madeMiddle: made[middle], madeGrowth: growth(made) };
}
