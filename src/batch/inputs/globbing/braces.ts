import { InputError } from '../../../core/index.js';

/** More words than this were never meant: `{1..1000000000}`. */
const MOST = 100_000;

/**
 * The words that a pattern with braces stands for, as a shell expands them: `{a,b}`, `{1..3}`,
 * `{01..10..3}`, `{a..e}`, one in another. Braces without a comma or a range mean themselves, and
 * so does what a backslash quotes.
 *
 * @throws {InputError} if they are too many to look for.
 */
export function expandBraces(pattern: string): string[] {
  const words = expand(pattern);
  if (words.length > MOST) throw tooMany(pattern);
  return words;
}

const tooMany = (pattern: string): InputError =>
  new InputError(`Cannot look for "${pattern}": its braces stand for more than ${MOST} patterns`);

function expand(text: string): string[] {
  for (let from = 0; ; from++) {
    from = next(text, '{', from);
    if (from < 0) return [text];
    const end = closing(text, from);
    if (end === undefined) continue;
    const inside = text.slice(from + 1, end.at);
    const parts = end.commas.length > 0 ? split(inside, end.commas, from + 1).flatMap(expand) : sequence(inside, text);
    const before = text.slice(0, from);
    const tails = expand(text.slice(end.at + 1));
    // Braces that stand for nothing are text, but what is inside them may still stand for
    // something.
    const middles = parts ?? expand(inside).map((word) => `{${word}}`);
    if (middles.length * tails.length > MOST) throw tooMany(text);
    return middles.flatMap((middle) => tails.map((tail) => before + middle + tail));
  }
}

/** Where a character stands that no backslash quotes; -1 if nowhere. */
function next(text: string, wanted: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === wanted) return at;
  }
  return -1;
}

/** Where the brace at `from` is closed, and where the commas are that belong to it. */
function closing(text: string, from: number): { at: number; commas: number[] } | undefined {
  const commas: number[] = [];
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '{') depth++;
    else if (text[at] === ',' && depth === 1) commas.push(at);
    else if (text[at] === '}' && --depth === 0) return { at, commas };
  }
  return undefined;
}

function split(inside: string, commas: readonly number[], offset: number): string[] {
  const ends = [...commas.map((at) => at - offset), inside.length];
  return ends.map((end, i) => inside.slice(i === 0 ? 0 : ends[i - 1] + 1, end));
}

/** The words of `1..3`, `a..e` or `1..9..2`; `undefined` if it is none of these. */
function sequence(inside: string, text: string): string[] | undefined {
  const match = /^(?:(-?\d+)\.\.(-?\d+)|([a-zA-Z])\.\.([a-zA-Z]))(?:\.\.(-?\d+))?$/.exec(inside);
  if (match === null) return undefined;
  const [, low, high, first, last, by = '1'] = match;
  const isNumbers = low !== undefined;
  const [a, b] = isNumbers ? [Number(low), Number(high)] : [first.charCodeAt(0), last.charCodeAt(0)];
  const step = Math.abs(Number(by)) || 1;
  if (Math.max(Math.abs(a), Math.abs(b), step) > Number.MAX_SAFE_INTEGER) return undefined;
  const count = Math.floor(Math.abs(b - a) / step) + 1;
  if (count > MOST) throw tooMany(text);
  const width = isNumbers && [low, high].some((digits) => /^-?0\d/.test(digits)) ? Math.max(low.length, high.length) : 0;
  return Array.from({ length: count }, (_, i) => {
    const n = a + (b < a ? -i : i) * step;
    return isNumbers ? padded(n, width) : String.fromCharCode(n);
  });
}

const padded = (n: number, width: number): string => (n < 0 ? `-${String(-n).padStart(width - 1, '0')}` : String(n).padStart(width, '0'));
