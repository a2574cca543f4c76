import { median } from '../harness/stats.mjs';

/** What goes there and back. The string is read once, so that it is flat and one byte a character. */
function cargo(kind, size) {
  if (kind === 'bytes') return new Uint8Array(size).map((_, i) => i * 31);
  return Buffer.alloc(size, 'meantime').toString('latin1');
}

/** One value there and back, one at a time, copied or moved: the median in µs. What comes back is sent next. */
export default async function echo(load, { kind, size, moved = false, warm, calls, ...options }) {
  const pool = await (await load()).open({ ...options, moved });
  let value = cargo(kind, size);
  const times = new Float64Array(calls);
  for (let i = -warm; i < calls; i++) {
    const start = performance.now();
    value = await pool.echo(value);
    if (i >= 0) times[i] = performance.now() - start;
  }
  if (value.length !== size) throw new Error(`${size} went there, ${value.length} came back`);
  await pool.close();
  return { us: median(times) * 1000 };
}
