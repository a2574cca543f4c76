import { availableParallelism } from 'node:os';
import { Stream } from '../advisor/stream.mjs';

/** How many of AutoExecutor's last decisions are kept with the figures. */
const DECISIONS = 24;
const tasks = { on: 'tasks', workers: 1, concurrency: 64 };
const cores = { on: 'threads', workers: availableParallelism(), concurrency: 1 };

/** Work that changes its kind half way: what AutoExecutor does from 3 s after the change on, beside the best point for what it has become. */
export default async function change(load, { from, quick }) {
  const { openPoint, openAuto } = await load();
  const { turncoat } = await import('../advisor/workloads/turncoat.mjs');
  const to = from === 'computing' ? 'waiting' : 'computing';
  const steady = quick ? 1000 : 2000;
  let kind = from;
  const best = openPoint(to === 'waiting' ? tasks : cores);
  const reference = async () => {
    const stream = new Stream(best, turncoat, [to]);
    await stream.rate(300);
    const rate = await stream.rate(steady / 2);
    await stream.end();
    return rate;
  };

  const before = await reference();
  const auto = openAuto();
  const stream = new Stream(auto, turncoat, () => kind);
  await stream.rate(4000);
  kind = to;
  await stream.rate(3000);
  const rate = await stream.rate(steady);
  const decisions = auto.decisions().slice(-DECISIONS);
  await stream.end();
  await auto.shutdown();
  const after = await reference();
  await best.shutdown();
  return { rate, best: (before + after) / 2, ratio: (2 * rate) / (before + after), autoDecisions: decisions };
}
