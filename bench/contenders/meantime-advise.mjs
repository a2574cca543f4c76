import { advise } from '../../dist/advisor/index.js';

/** What the advisor says of a function, as it says it to anybody. */
export async function classify(fn, inputs) {
  const { kind, sure, confidence, settle, shares, calls, failed, ms, point, cautions } = await advise(fn, inputs);
  return { kind, sure, confidence, settle, shares, calls, failed, callMs: ms, point, cautions: cautions.map(({ code }) => code) };
}
