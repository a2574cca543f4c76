import { InputError, inShort } from '../../../core/index.js';

/** More words than this were never meant: `{1..1000000000}`. */
const MOST = 100_000;
/** In characters: each word may be as long as the pattern, so that a few fill the memory. */
const MOST_TEXT = 32 * 1024 * 1024;
/** How many braces may be in one another. */
const DEEPEST = 100;

/** A brace that is closed: where, and where the commas are that belong to it. */
interface Brace {
  readonly close: number;
  readonly commas: readonly number[];
}

/**
 * The words that a pattern with braces stands for, as a shell expands them: `{a,b}`, `{1..3}`,
 * `{01..10..3}`, `{a..e}`, one in another. Braces without a comma or a range mean themselves, and
 * so does what a backslash quotes.
 *
 * @throws {InputError} if they are too many or too long to look for, or braces are too deep.
 */
export function expandBraces(pattern: string): readonly string[] {
  const braces = bracesOf(pattern);

  const expand = (from: number, to: number): readonly string[] => {
    const factors: (readonly string[])[] = [];
    let text = from;
    for (let at = from; at < to; at++) {
      const brace = braces.get(at);
      if (brace === undefined) continue;
      if (at > text) factors.push([pattern.slice(text, at)]);
      factors.push(inside(at, brace));
      at = brace.close;
      text = at + 1;
    }
    factors.push([pattern.slice(text, to)]);
    return factors.reduceRight((ends, begins) => product(begins, ends, pattern));
  };

  const inside = (open: number, { close, commas }: Brace): readonly string[] => {
    if (commas.length === 0) {
      // Braces that stand for nothing are text, but what is inside them may still stand for
      // something.
      return sequence(pattern.slice(open + 1, close), pattern) ?? expand(open + 1, close).map((word) => `{${word}}`);
    }
    const words: string[] = [];
    let size = 0;
    let from = open + 1;
    for (const end of [...commas, close]) {
      for (const word of expand(from, end)) {
        size += word.length;
        words.push(word);
      }
      mustBeFew(words.length, size, pattern);
      from = end + 1;
    }
    return words;
  };

  return expand(0, pattern.length);
}

/** Each beginning with each end. */
function product(begins: readonly string[], ends: readonly string[], pattern: string): readonly string[] {
  mustBeFew(begins.length * ends.length, sizeOf(begins) * ends.length + sizeOf(ends) * begins.length, pattern);
  return begins.flatMap((begin) => ends.map((end) => begin + end));
}

const sizeOf = (words: readonly string[]): number => words.reduce((sum, word) => sum + word.length, 0);

/** @param size The length of all words together. */
function mustBeFew(count: number, size: number, pattern: string): void {
  if (count > MOST) throw refused(pattern, `its braces stand for more than ${MOST} patterns`);
  if (size > MOST_TEXT) throw refused(pattern, `its braces stand for patterns of more than ${MOST_TEXT} characters together`);
}

const refused = (pattern: string, why: string): InputError => new InputError(`Cannot look for ${inShort(pattern)}: ${why}`);

/** The braces that no backslash quotes and that are closed, by where they are opened. */
function bracesOf(pattern: string): Map<number, Brace> {
  const found = new Map<number, Brace>();
  const open: { at: number; commas: number[]; depth: number }[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === '\\') at++;
    else if (char === '{') open.push({ at, commas: [], depth: 1 });
    else if (char === ',') open.at(-1)?.commas.push(at);
    else if (char === '}') {
      const last = open.pop();
      if (last === undefined) continue;
      if (last.depth > DEEPEST) throw refused(pattern, `more than ${DEEPEST} braces are in one another`);
      found.set(last.at, { close: at, commas: last.commas });
      const around = open.at(-1);
      if (around !== undefined) around.depth = Math.max(around.depth, last.depth + 1);
    }
  }
  return found;
}

/** The words of `1..3`, `a..e` or `1..9..2`; `undefined` if it is none of these. */
function sequence(inside: string, pattern: string): string[] | undefined {
  const match = /^(?:(-?\d+)\.\.(-?\d+)|([a-zA-Z])\.\.([a-zA-Z]))(?:\.\.(-?\d+))?$/.exec(inside);
  if (match === null) return undefined;
  const [, low, high, first, last, by = '1'] = match;
  const isNumbers = low !== undefined;
  const [a, b] = isNumbers ? [Number(low), Number(high)] : [first.charCodeAt(0), last.charCodeAt(0)];
  const step = Math.abs(Number(by)) || 1;
  if (Math.max(Math.abs(a), Math.abs(b), step) > Number.MAX_SAFE_INTEGER) return undefined;
  const count = Math.floor(Math.abs(b - a) / step) + 1;
  const width = isNumbers && [low, high].some((digits) => /^-?0\d/.test(digits)) ? Math.max(low.length, high.length) : 0;
  mustBeFew(count, count * width, pattern);
  return Array.from({ length: count }, (_, i) => {
    const n = a + (b < a ? -i : i) * step;
    return isNumbers ? padded(n, width) : String.fromCharCode(n);
  });
}

const padded = (n: number, width: number): string => (n < 0 ? `-${String(-n).padStart(width - 1, '0')}` : String(n).padStart(width, '0'));
