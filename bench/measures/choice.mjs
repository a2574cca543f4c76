import { gridOf, nameOf } from '../advisor/grid.mjs';
import { Stream } from '../advisor/stream.mjs';
import { withSurroundings } from '../advisor/surroundings.mjs';
import { load as loadFunction, workloads } from '../advisor/workloads/index.mjs';
import { median } from '../harness/stats.mjs';

/** Times in ms: before a point is counted, how long it is counted (at least) in the grid and when it is measured again, and AutoExecutor's time to settle and to be counted. */
const full = { warm: 150, grid: 250, again: 500, settle: 3000, steady: 1500 };
const short = { warm: 80, grid: 150, again: 200, settle: 3000, steady: 700 };
/** How many of the grid's best are measured again. */
const AGAIN = 2;
/** A window has room for so many calls of one worker, so that its ends do not matter: but it is no longer than this. */
const [CALLS, LONGEST] = [8, 1500];
/** How many of AutoExecutor's last decisions are kept with the figures. */
const DECISIONS = 12;

/** The grid of one workload, the advised point and AutoExecutor. See cases/advisor-choice.mjs for the method. */
export default async function choice(load, { workload: name, quick }) {
  const { openPoint, openAuto, advise } = await load();
  const workload = workloads.find((one) => one.name === name);
  const times = quick ? short : full;
  return withSurroundings(async () => {
    const fn = await loadFunction(workload);
    const { inputs } = workload;
    const advice = await advise(fn, inputs);

    /** Calls a second on an executor that is warm, or gets so. */
    async function rateOn(executor, atLeast, chunk = 'auto') {
      const stream = new Stream(executor, fn, inputs, { chunk });
      await stream.rate(Math.max(times.warm, 2 * advice.ms));
      const rate = await stream.rate(Math.min(LONGEST, Math.max(atLeast, CALLS * advice.ms)));
      await stream.end();
      return rate;
    }

    const grid = gridOf(workload);
    const screened = [];
    for (const point of shuffled(grid)) {
      const executor = openPoint(point);
      await started(executor, fn, inputs, point);
      screened.push({ name: nameOf(point), point, rate: await rateOn(executor, times.grid) });
      await executor.shutdown();
    }
    screened.sort((a, b) => b.rate - a.rate);

    const finalists = screened.slice(0, AGAIN).map(({ name: id, point }) => ({ id, point, rates: [] }));
    const advised = { id: 'advised', point: advice.point, chunk: advice.chunk, rates: [] };
    const runners = [...finalists, advised];
    for (const runner of runners) {
      runner.executor = openPoint(runner.point);
      await started(runner.executor, fn, inputs, runner.point);
    }
    const round = async (order) => {
      for (const runner of order) runner.rates.push(await rateOn(runner.executor, times.again, runner.chunk));
    };
    await round(runners);
    const auto = await steadyState(openAuto(), fn, inputs, times);
    await round(runners.toReversed());
    await round(runners);
    for (const { executor } of runners) await executor.shutdown();

    const best = finalists.reduce((a, b) => (median(b.rates) > median(a.rates) ? b : a));
    const [before, after] = best.rates;
    return {
      kind: advice.kind,
      advised: nameOf(advice.point),
      best: best.id,
      bestRate: median(best.rates),
      advisedRatio: median(advised.rates.map((rate, i) => rate / best.rates[i])),
      autoRatio: (2 * auto.rate) / (before + after),
      autoRate: auto.rate,
      autoPoint: auto.point,
      autoDecisions: auto.decisions,
      screened: Object.fromEntries(screened.map(({ name: id, rate }) => [id, rate])),
      again: Object.fromEntries(runners.map(({ id, rates }) => [id, rates])),
    };
  });
}

/** Every worker is up, and has run the function. */
async function started(executor, fn, inputs, { on }) {
  if (on !== 'tasks') await executor.broadcast(fn, inputs[0]);
}

async function steadyState(executor, fn, inputs, { settle, steady }) {
  const stream = new Stream(executor, fn, inputs);
  await stream.rate(settle);
  const rate = await stream.rate(steady);
  const { point } = executor;
  const decisions = executor.decisions().slice(-DECISIONS);
  await stream.end();
  await executor.shutdown();
  return { rate, point: nameOf(point), decisions };
}

/** In an order that no point always profits from. */
function shuffled(list) {
  return list
    .map((value) => ({ value, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
