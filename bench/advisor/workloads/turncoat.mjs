import { setTimeout as sleep } from 'node:timers/promises';
import { churn } from './data.mjs';

/** Computes for some 7 ms, or waits for 20 ms: as the input says. */
export async function turncoat(kind) {
  if (kind === 'computing') return churn(4_000_000);
  await sleep(20);
  return 0;
}
