import { churn, sequence } from './data.mjs';

export function primesBelow(limit) {
  const composite = new Uint8Array(limit);
  let count = 0;
  for (let i = 2; i < limit; i++) {
    if (composite[i]) continue;
    count++;
    for (let k = i * i; k < limit; k += i) composite[k] = 1;
  }
  return count;
}

/** The naive product of two square matrices. */
export function multiply(size) {
  const next = sequence(23);
  const make = () => Float64Array.from({ length: size * size }, next);
  const [a, b] = [make(), make()];
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += a[i * size + k] * b[k * size + j];
      out[i * size + j] = sum;
    }
  }
  return out[size + 1];
}

/** An async function that computes is one that computes. */
export async function churnAsync(rounds) {
  return churn(rounds);
}

export function addOne(n) {
  return n + 1;
}
