/**
 * So many pairs of letters are compared, and no more: a folder may have any number of long names.
 */
const MOST = 10_000_000;

/**
 * The candidates most like `word`, best first: at most a third of its letters differ (Levenshtein distance; two letters
 * swapped count as one). For "did you mean".
 */
export function nearest(word: string, candidates: Iterable<string>, most = 1): string[] {
  const limit = Math.max(1, Math.ceil(word.length / 3));
  const wanted = word.toLowerCase();
  let left = MOST;
  const near: { candidate: string; distance: number }[] = [];
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    if (Math.abs(other.length - wanted.length) > limit) continue;
    left -= wanted.length * other.length;
    if (left < 0) break;
    const distance = differences(wanted, other);
    if (distance <= limit) near.push({ candidate, distance });
  }
  return near
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map((n) => n.candidate);
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const [best] = nearest(word, candidates);
  return best === undefined ? '' : `; did you mean "${best}"?`;
}

function differences(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    before = row;
    row = next;
  }
  return row[b.length];
}
