/** Inputs by name, since a child is told what to do in JSON. */
const kinds = {
  count: (n) => Array.from({ length: n }, (_, i) => i),
  same: (n, { value }) => new Array(n).fill(value),
  mixed: (n, { long, short }) => Array.from({ length: n }, (_, i) => (i % 100 === 0 ? long : short)),
};

/** The time a warm pool takes for all of `inputs`, in ms. The warm-up is a small map of the same kind. */
export default async function map(load, { fn, inputs, n, warm = n, value, long, short, ...options }) {
  const pool = await (await load()).open(options);
  const make = (count) => kinds[inputs](count, { value, long, short });
  await pool.map(fn, make(warm));
  const all = make(n);
  const start = performance.now();
  const results = await pool.map(fn, all);
  const ms = performance.now() - start;
  if (results.length !== n) throw new Error(`${n} inputs gave ${results.length} results`);
  await pool.close();
  return { ms, perSecond: (n / ms) * 1000 };
}
