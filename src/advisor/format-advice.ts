import { shownSentence } from '../core/index.js';
import type { Advice, Point, Shares } from './advice.js';
import { amount, percent, round, time } from './figures.js';
import { samePoint } from './same-point.js';

/** How wide the bar is. */
const WIDTH = 50;
const parts: readonly (readonly [keyof Shares, string, string])[] = [
  ['computing', '█', 'computing on the thread'],
  ['blocking', '▓', 'holding the thread without computing'],
  ['pool', '▒', "computing on Node's own pool"],
  ['waiting', '░', 'waiting, with nothing to do here'],
];

/**
 * Advice as text, for a terminal: the shares as a bar, what follows from them, and how sure that is.
 *
 * @example
 * ```ts run
 * import { type Advice, formatAdvice } from 'meantime/advisor';
 *
 * const advice: Advice = {
 *   name: 'resize', kind: 'cpu-bound', sure: true, confidence: 1, settle: undefined,
 *   shares: { computing: 1, blocking: 0, pool: 0, waiting: 0 }, calls: 60, failed: 0, ms: 8,
 *   point: { on: 'threads', workers: 2, concurrency: 1 }, chunk: 'auto',
 *   predictions: [{ on: 'threads', workers: 2, concurrency: 1, speedup: 2 }],
 *   why: ['It computes.', 'So it wants threads.'], cautions: [],
 * };
 * formatAdvice(advice).split('\n')[0]; // => 'resize is cpu-bound (sure)'
 * ```
 */
export function formatAdvice(advice: Advice): string {
  const { name, kind, sure, confidence, settle, calls, failed, ms, chunk, predictions, why, cautions } = advice;
  const lines: string[] = [];
  if (calls === 0) lines.push(`${name}: nothing could be measured`);
  else {
    if (failed === calls) lines.push(`${name} fails at every call (see below): what follows is the time that failing takes`, '');
    lines.push(`${name} is ${sure ? `${kind} (sure)` : `probably ${kind}, but that is not sure (${percent(confidence)})`}`);
    lines.push('', `  ${bar(advice.shares)}`);
    for (const [part, sign, about] of parts) lines.push(`  ${sign} ${percent(advice.shares[part]).padStart(5)}  ${about}`);
    lines.push(
      '',
      `  A call takes ${time(ms)}; ${amount(calls, 'call')} were made${failed > 0 ? `, ${failed.toLocaleString('en')} failed` : ''}`,
    );
  }
  if (settle !== undefined) lines.push(`  What would settle it: ${settle}`);
  lines.push('', ...why, '', `Run it on ${words(advice.point)}${chunk === 'auto' ? '' : `, ${amount(chunk, 'input')} in a message`}`);
  for (const prediction of predictions) {
    const isAdvised = samePoint(prediction, advice.point);
    lines.push(
      `  ${isAdvised ? '→' : ' '} ${words(prediction).padEnd(44)} ${(prediction.speedup < 0.01 ? 'far slower' : `${round(prediction.speedup)}x`).padStart(6)}`,
    );
  }
  if (predictions.length > 0) lines.push('    (predicted, against one call at a time here)');
  if (cautions.length > 0) lines.push('', ...cautions.map(({ code, text }) => `! ${code}: ${text}`));
  return lines.map(shownSentence).join('\n');
}

function bar(shares: Shares): string {
  let [drawn, sum, text] = [0, 0, ''];
  for (const [part, sign] of parts) {
    sum += shares[part];
    const end = Math.round(WIDTH * Math.min(1, sum));
    text += sign.repeat(Math.max(0, end - drawn));
    drawn = Math.max(drawn, end);
  }
  return text;
}

function words({ on, workers, concurrency }: Point): string {
  if (on === 'tasks') return concurrency === 1 ? 'this thread, one call at a time' : `tasks: ${concurrency} calls at a time on this thread`;
  const several = on === 'threads' ? amount(workers, 'thread') : workers === 1 ? '1 process' : `${workers} processes`;
  return `${several}, ${amount(concurrency, 'call')} at a time in each`;
}
