/** 1² + 2² + … + n², exactly. */
export function sumOfSquares(n) {
  let sum = 0n;
  for (let i = 1n; i <= n; i++) sum += i * i;
  return sum;
}
