export async function consume(queue, ready, prefetch) {
  await ready.put(true);
  let n = 0;
  for await (const _ of queue.items({ prefetch })) n++;
  return n;
}

export async function produce(queue, n, batch) {
  for (let i = 0; i < n; ) {
    let last;
    for (const end = Math.min(n, i + batch); i < end; i++) last = queue.put({ id: i, name: 'item', ok: true });
    await last;
  }
}
