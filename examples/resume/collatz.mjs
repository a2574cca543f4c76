const SIZE = 5_000;

/** Which number of this block of 5,000 takes the most steps of "halve it, or triple it and add one" down to 1. */
export function collatz(block) {
  let longest = { start: 0, steps: -1 };
  for (let start = block * SIZE + 1; start <= (block + 1) * SIZE; start++) {
    let steps = 0;
    for (let n = start; n !== 1; steps++) n = n % 2 === 0 ? n / 2 : 3 * n + 1;
    if (steps > longest.steps) longest = { start, steps };
  }
  return longest;
}
