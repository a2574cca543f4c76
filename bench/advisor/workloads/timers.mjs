import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';

export async function sleepFor(ms) {
  return await sleep(ms, ms);
}

/** Looks again and again, as one does with a service that has no way to call back. */
export async function poll(times) {
  let looks = 0;
  while (looks < times) {
    await sleep(5);
    looks++;
  }
  return looks;
}

/** Work in small steps that let the event loop have a turn in between. */
export async function immediates(steps) {
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    for (let k = 0; k < 1000; k++) sum = (sum * 31 + k) | 0;
    await immediate();
  }
  return sum;
}

/** Nothing is waited for, however often it says `await`. */
export async function microtasks(steps) {
  let sum = 0;
  for (let i = 0; i < steps; i++) sum = (sum * 31 + (await i)) | 0;
  return sum;
}

export async function identity(value) {
  return await value;
}
