/** Fewer than so many are cancelled as several lots, so that there is something to measure. */
const ENOUGH = 20_000;

/** What it costs to cancel and to join what `operation` made, for each of `sizes`, in ns for one; `growth` is the last over `middle`. */
export default async function cancelSizes(load, { operation, sizes, middle, ...options }) {
  const thing = await (await load()).open(options);
  const cost = async (size) => {
    const lots = Math.ceil(ENOUGH / size / (size === 1 ? 10 : 1));
    let ms = 0;
    for (let i = 0; i < lots; i++) {
      const { stop } = await thing[operation](size);
      const start = performance.now();
      await stop();
      ms += performance.now() - start;
    }
    return (ms / lots / size) * 1e6;
  };
  for (let i = 0; i < 3; i++) await cost(middle);
  const result = {};
  for (const size of sizes) result[size] = await cost(size);
  return { ...result, growth: result[sizes.at(-1)] / result[middle] };
}
