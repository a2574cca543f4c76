import { bare, shownSentence } from '../../core/index.js';
import type { Advice } from '../advice.js';
import { amount } from '../figures.js';
import type { Comparison, Row } from './comparison.js';

/** The longest bar, in columns, and the shortest for which there must be room. */
const [BAR, SHORT] = [20, 8];
const EIGHTHS = ' ▏▎▍▌▋▊▉█';

/** How a comparison is printed. */
export interface FormatComparisonOptions {
  /** How many columns there are; the bars are left out where they do not fit. Default 100. */
  columns?: number;
}

/**
 * A comparison as a table for a terminal, with what is best, what was advised, and what to beware of below it.
 *
 * @example
 * ```ts run
 * import { compare, formatComparison } from 'meantime/advisor';
 *
 * const comparison = await compare((n: number) => n + 1, [1, 2, 3], { on: 'tasks', rounds: 1, advice: false });
 * formatComparison(comparison).includes('one at a time'); // => true
 * ```
 */
export function formatComparison(comparison: Comparison, options: FormatComparisonOptions = bare({})): string {
  const { columns = 100 } = options;
  const lines = [heading(comparison), '', ...tableOf(comparison, columns), ''];
  lines.push(...conclusions(comparison));
  for (const { text } of comparison.cautions) lines.push(`Beware: ${text}`);
  lines.push(...comparison.notes, legend(comparison));
  return `${lines.map(shownSentence).join('\n')}\n`;
}

function heading({ name, inputs, rounds, cores, state }: Comparison): string {
  const ended = { finished: '', 'timed-out': '; time was up before all was measured', stopped: '; stopped before all was measured' }[state];
  return `${name} over ${amount(inputs, 'input')}, ${amount(rounds, 'round')}, ${amount(cores, 'core')}${ended}`;
}

/** A column: its heading, and what a row has in it. */
type Column = readonly [title: string, cell: (row: Row) => string];

/** If so much more of the inputs failed than elsewhere, how fast that was says nothing. */
const MANY = 0.2;

function tableOf({ rows, inputs }: Comparison, columns: number): string[] {
  const predicted = rows.some((row) => row.predicted !== undefined);
  const starts = rows.some((row) => (row.startMs ?? 0) > 0);
  const most = MANY * inputs + Math.min(...rows.filter(({ state }) => state === 'measured').map(({ failed }) => failed));
  const fields: Column[] = [
    ['time', (row) => time(row.ms)],
    // What fails is over soon: that is no speed.
    ['speed-up', (row) => (row.failed > most ? 'failed' : times(row.speedup))],
    ...(predicted ? [['predicted', (row) => times(row.predicted)] as Column] : []),
    ...(starts ? [['start', (row) => (row.startMs ? time(row.startMs) : '')] as Column] : []),
    ['cores', (row) => (row.cores === undefined ? '' : row.cores.toFixed(2))],
    ['memory', (row) => (row.memory === undefined ? '' : `${Math.round(row.memory / 2 ** 20)} MB`)],
  ];
  const failures = rows.some(({ failed, state }) => failed > 0 && state === 'measured');
  if (failures) fields.push(['failed', ({ failed }) => (failed > 0 ? String(failed) : '')]);
  const labels = rows.map(({ label, advised }) => `${label}${advised ? ' *' : ''}`);
  const first = widest(labels);
  const widths = fields.map(([title, cell]) => widest([title, ...rows.map(cell)]));
  const room = columns - first - widths.reduce((sum, width) => sum + width + 2, 0) - 2;
  const longest = Math.max(...rows.map(({ speedup = 0 }) => speedup));
  const bars = room >= SHORT && longest > 0;
  const line = (label: string, cells: readonly string[], end: string) =>
    `${label.padEnd(first)}${cells.map((cell, i) => `  ${cell.padStart(widths[i])}`).join('')}  ${end}`.trimEnd();
  return [
    line(
      '',
      fields.map(([title]) => title),
      '',
    ),
    ...rows.map((row, at) => {
      if (row.state !== 'measured') return `${labels[at].padEnd(first)}  ${words[row.state]}: ${row.reason}`;
      const bar = bars && row.failed <= most ? barOf((row.speedup ?? 0) / longest, Math.min(BAR, room)) : '';
      return line(
        labels[at],
        fields.map(([, cell]) => cell(row)),
        bar,
      );
    }),
  ];
}

const words = { failed: 'failed', 'too-slow': 'too slow', 'never-returned': 'never returned', 'not-run': 'not run' } as const;

/** A bar of a part of so many columns, to an eighth of one; never nothing. */
export function barOf(part: number, columns: number): string {
  const eighths = Math.max(1, Math.round(part * columns * 8));
  return `${'█'.repeat(Math.floor(eighths / 8))}${eighths % 8 === 0 ? '' : EIGHTHS[eighths % 8]}`;
}

function conclusions({ best, bestWithStart, rows, advice, inputs }: Comparison): string[] {
  if (best === undefined || bestWithStart === undefined) return ['Nothing to compare: one at a time, there was no answer to begin with.'];
  const lines: string[] = [];
  if (best.on === 'loop') lines.push('Best: one at a time. No other way is faster by more than 5 %.');
  else lines.push(`Best: ${best.label}, ${times(best.speedup)} as fast as one at a time.`);
  if (bestWithStart.label !== best.label) {
    const figure = bestWithStart.on === 'loop' ? '' : ` (${times(bestWithStart.speedupWithStart)})`;
    lines.push(
      `If ${inputs === 1 ? 'this input is' : `these ${inputs} inputs are`} all there is: ${bestWithStart.label}${figure}, since ${best.label} would take ${time(best.startMs)} to start.`,
    );
  }
  const advised = rows.find((row) => row.advised);
  if (advice !== undefined && advised !== undefined) lines.push(advisedLine(advice, advised, best, inputs));
  return lines;
}

/** The advice beside the truth. */
function advisedLine({ name, kind, sure, calls }: Advice, advised: Row, best: Row, inputs: number): string {
  const because = calls === 0 ? '' : `, since ${name} is ${sure ? kind : `probably ${kind}`}`;
  const foreseen = advised.predicted === undefined ? '' : `; predicted ${times(advised.predicted)}`;
  const { speedup } = advised;
  if (speedup === undefined) return `Advised: ${advised.label}${because}${foreseen}; not measured.`;
  if (advised.failed > best.failed + MANY * inputs)
    return `Advised: ${advised.label}${because}${foreseen}. It does not fit: ${amount(advised.failed, 'call')} failed there, and ${best.failed} in the best.`;
  const share = speedup / (best.speedup ?? speedup);
  const verdict =
    advised.label === best.label ? 'the best' : share >= 0.9 ? 'as good as the best' : `${Math.round(100 * share)} % of the best`;
  return `Advised: ${advised.label}${because}${foreseen}, measured ${times(speedup)}: ${verdict}.`;
}

function legend({ rows, rounds }: Comparison): string {
  const medians = rounds > 1 ? `Times are medians of ${rounds} rounds` : 'Times are those of one round';
  const starts = rows.some((row) => (row.startMs ?? 0) > 0) ? ' with the workers up; "start" is what starting them took before' : '';
  const advised = rows.some((row) => row.advised) ? ' *: advised.' : '';
  return `${medians}${starts}. Cores: how many were busy.${advised}`;
}

const widest = (texts: readonly string[]): number => Math.max(...texts.map((text) => text.length));

const times = (ratio: number | undefined): string =>
  ratio === undefined ? '' : `${ratio >= 99.5 ? Math.round(ratio) : ratio.toFixed(ratio >= 9.95 ? 1 : 2)}x`;

function time(ms: number | undefined): string {
  if (ms === undefined) return '';
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
