import { median } from '../harness/stats.mjs';

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

/**
 * Every control against every backend in virtual time, for each seed, held against the best fixed limit. A key is `control/backend/what`. In virtual time nothing can disturb anything, so they need no
 * processes of their own. `worst` is that of all seeds.
 */
export default async function simulatedControls(load, { length, seeds }) {
  const { backends, controls, judge, oracles } = await load();
  const out = {};
  for (const backend of backends(length)) {
    const known = oracles(backend, length);
    out[`${backend.id}/rate`] = mean(known.map(({ rate }) => rate)) * 1000;
    out[`${backend.id}/limit`] = mean(known.map(({ limit }) => limit));
    for (const [name, make] of Object.entries(controls)) {
      const all = Array.from({ length: seeds }, (_, seed) => judge(backend, make(), known, length, seed + 1));
      const of = (what) => all.map((one) => one[what]);
      const key = `${name}/${backend.id}`;
      out[`${key}/rate`] = mean(of('throughput')) * out[`${backend.id}/rate`];
      out[`${key}/throughput worst`] = Math.min(...of('throughput'));
      out[`${key}/in flight`] = mean(of('inFlight'));
      out[`${key}/excess worst`] = Math.max(...of('excess'));
      out[`${key}/accepted`] = mean(of('accepted')) * 100;
      out[`${key}/accepted worst`] = Math.min(...of('accepted')) * 100;
      // Never is written as the length of the run: JSON has no infinity.
      out[`${key}/reached`] = median(of('reached').map((ms) => Math.min(ms, length)));
      out[`${key}/reached worst`] = Math.min(length, Math.max(...of('reached'), ...of('followed')));
    }
  }
  return out;
}
