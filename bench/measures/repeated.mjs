/**
 * One operation `n` times in a row, in ns each. What it returns must be what `n` of them give: `expected` names how that is known. Three
 * warm-ups of a tenth come first.
 */
const expectations = {
  count: (n) => n,
  sum: (n) => (n * (n - 1)) / 2,
};

export default async function repeated(load, { operation, n, expected = 'count', warm = n / 10, ...options }) {
  const thing = await (await load()).open(options);
  const once = async (count) => {
    const result = await thing[operation](count);
    const wanted = expectations[expected](count);
    if (result !== wanted) throw new Error(`${operation} of ${count} gave ${result} instead of ${wanted}`);
  };
  for (let i = 0; i < 3; i++) await once(warm);
  const start = performance.now();
  await once(n);
  return { ns: ((performance.now() - start) / n) * 1e6 };
}
