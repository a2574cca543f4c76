/**
 * `tasks` of them want one lock, `n` times in all; it is held until all of them wait. `turns` is the share of acquisitions by another
 * task than the one before: 1 where a lock is handed over, less where whoever releases it can take it again.
 */
export default async function contended(load, { n, tasks, ...options }) {
  const thing = await (await load()).open(options);
  const once = async (count) => {
    let last = -1;
    let turns = 0;
    let taken = 0;
    await thing.contend(count, tasks, (id) => {
      taken++;
      if (id !== last) turns++;
      last = id;
    });
    if (taken !== count) throw new Error(`the lock was taken ${taken} times instead of ${count}`);
    return turns / count;
  };
  for (let i = 0; i < 3; i++) await once(n / 10);
  const start = performance.now();
  const turns = await once(n);
  return { ns: ((performance.now() - start) / n) * 1e6, turns };
}
