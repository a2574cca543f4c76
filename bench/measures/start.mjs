/** From nothing loaded to the first result, in ms. Node's own start is not in it. */
export default async function start(load, options) {
  const began = performance.now();
  const pool = await (await load()).open({ ...options, lazy: true });
  await pool.tiny();
  const ms = performance.now() - began;
  await pool.close();
  return { ms };
}
