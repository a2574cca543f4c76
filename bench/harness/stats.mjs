/** The middle value; of an even number the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * What the rounds of one case gave: `rounds[contender]` is a list with one result a round. A ratio is taken within each round and then
 * the median of them, so that a minute in which the whole machine was slow does not count for one side only.
 */
export class Samples {
  constructor(rounds, failures) {
    this.rounds = rounds;
    this.failures = failures;
  }

  values(id, metric) {
    return (this.rounds[id] ?? []).map((r) => r?.[metric]).filter((v) => typeof v === 'number');
  }

  median(id, metric) {
    const values = this.values(id, metric);
    return values.length === 0 ? undefined : median(values);
  }

  ratio(id, other, metric) {
    const pairs = (this.rounds[id] ?? []).flatMap((ours, i) => {
      const theirs = this.rounds[other]?.[i];
      return typeof ours?.[metric] === 'number' && typeof theirs?.[metric] === 'number' ? [ours[metric] / theirs[metric]] : [];
    });
    return pairs.length === 0 ? undefined : median(pairs);
  }

  /** Of several settings of one peer, the one that does best. */
  best(ids, metric, better = Math.max) {
    const known = ids.filter((id) => this.median(id, metric) !== undefined);
    const top = better(...known.map((id) => this.median(id, metric)));
    return known.find((id) => this.median(id, metric) === top);
  }

  range(id, metric) {
    const values = this.values(id, metric);
    return values.length < 2 ? undefined : { min: Math.min(...values), max: Math.max(...values) };
  }
}
