import { performance } from 'node:perf_hooks';
import { processCpu } from '../harness/cpu.mjs';

/** Called in a row on this thread for so long, in ms. */
const LONG = 250;
const WARM = 6;
/** A call shorter than this is tiny, in ms: so that who knows no shares is not blamed for that. */
const TINY = 0.02;

/** What can be said from one signal: a function that uses the processor, or keeps the loop busy, for half of its time is CPU-bound, any other IO-bound. */
export async function classify(fn, inputs) {
  let calls = 0;
  const call = () => fn(inputs[calls++ % inputs.length]);
  while (calls < WARM) await call();
  calls = 0;
  const loop = performance.eventLoopUtilization();
  const cpu = processCpu();
  const start = performance.now();
  let ms = 0;
  for (let lot = 1; ms < LONG; ms = performance.now() - start) {
    for (let i = 0; i < lot; i++) await call();
    if (ms / calls < TINY) lot = 100;
  }
  const answer = (share) => (ms / calls < TINY ? 'tiny' : share >= 0.5 ? 'cpu-bound' : 'io-bound');
  return {
    cpuUsage: answer((processCpu() - cpu) / 1000 / ms),
    loopUtilization: answer(performance.eventLoopUtilization(loop).utilization),
    callMs: ms / calls,
  };
}
