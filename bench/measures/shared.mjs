/** One operation, done `n` times by threads that tell their own time: ns each. */
export default async function shared(load, { operation, n, ...options }) {
  const thing = await (await load()).open(options);
  const ms = await thing[operation](n);
  await thing.close();
  return { ns: (ms / n) * 1e6 };
}
