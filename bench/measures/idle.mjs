import { setTimeout as after } from 'node:timers/promises';
import { cpuOf, family, processCpu } from '../harness/cpu.mjs';

/** What a warm pool costs while nothing is asked of it: processor time as a percentage of one core over `ms` ms. */
export default async function idle(load, { ms, settle, ...options }) {
  const pool = await (await load()).open(options);
  await Promise.all(Array.from({ length: 2000 }, pool.tiny));
  const children = family();
  await after(settle); // what the calls left behind (garbage, code to compile) is not idling
  const cpu = () => processCpu() + cpuOf(children);
  const before = cpu();
  const start = performance.now();
  await after(ms);
  const percent = (cpu() - before) / (performance.now() - start) / 10;
  if (family().join() !== children.join()) throw new Error('the processes of an idle pool changed while it was watched');
  await pool.close();
  return { percent, children: children.length };
}
