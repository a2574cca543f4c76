/** A map of `n` calls that do nothing, so many at a time, in ns a call. */
export default async function boundedMap(load, { operation = 'map', n, concurrency, ...options }) {
  const thing = await (await load()).open(options);
  const once = async () => {
    const inputs = Array.from({ length: n }, (_, i) => i);
    const start = performance.now();
    const results = await thing[operation](inputs, concurrency);
    const ms = performance.now() - start;
    if (results.length !== n || results[n - 1] !== n - 1) throw new Error(`${n} inputs gave ${results.length} results`);
    return ms;
  };
  for (let i = 0; i < 2; i++) await once();
  return { ns: ((await once()) / n) * 1e6 };
}
