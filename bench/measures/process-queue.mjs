/** Items a second from one process to another. */
export default async function processQueue(load, { warm, items, ...options }) {
  const { open } = await load();
  const queue = await open(options);
  await queue.pass(warm);
  const perSecond = await queue.pass(items);
  await queue.close();
  return { perSecond };
}
