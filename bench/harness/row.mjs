/**
 * One line of a table: our figure beside a peer's, judged by their ratio, or by the figure itself where `judge` is `'ours'`. A row without a
 * goal is there to be read. Whatever could not be measured is left `undefined` and the note says why.
 */
export function row(samples, { what, metric, unit, ours = 'meantime', peer, name = peer, goal, judge = 'ratio', ratio, floor, note }) {
  const value = samples.median(ours, metric);
  const theirs = peer === undefined ? undefined : samples.median(peer, metric);
  const compared = ratio ?? (peer === undefined ? undefined : samples.ratio(ours, peer, metric));
  const judged = judge === 'ours' ? value : compared;
  const failed = [ours, peer].map((id) => samples.failures[id]).filter(Boolean);
  return {
    id: ours,
    what,
    unit,
    ours: value,
    range: samples.range(ours, metric),
    peer: name,
    theirs,
    ratio: compared,
    goal,
    judge,
    pass: goal === undefined ? undefined : judged === undefined ? null : meets(judged, goal),
    floor: floor && { name: floor.name ?? floor.id, value: floor.value ?? samples.median(floor.id, floor.metric ?? metric) },
    note: [note, ...new Set(failed.map(({ message }) => message.split('\n', 1)[0]))].filter(Boolean).join('; ') || undefined,
  };
}

/** A row whose ratio says how many times as fast ours is; of a metric of which less is better. */
export function faster(samples, { ours = 'meantime', ...spec }) {
  return row(samples, { ...spec, ours, ratio: samples.ratio(spec.peer, ours, spec.metric) });
}

function meets(value, goal) {
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
}
