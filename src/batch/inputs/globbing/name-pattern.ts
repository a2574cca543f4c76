/** One part of a path in a pattern. */
export type NamePattern =
  /** Names one entry, which is not searched for. */
  | { readonly kind: 'name'; readonly name: string }
  /** `**`: any number of directories. */
  | { readonly kind: 'any depth' }
  | { readonly kind: 'wild'; matches(name: string): boolean };

/** One place in a name: any text, or a character that has to pass. */
type Token = '*' | ((char: string) => boolean);

/** Reads one part of a pattern, what stands between two slashes. */
export function namePattern(part: string): NamePattern {
  if (part === '**') return { kind: 'any depth' };
  const chars = Array.from(part);
  const unclosed = new Set<number>();
  const tokens: Token[] = [];
  let name = '';
  let isWild = false;
  for (let at = 0; at < chars.length; ) {
    const char = chars[at];
    const set = char === '[' ? bracket(chars, at, unclosed) : undefined;
    if (char === '*' || char === '?' || set !== undefined) {
      isWild = true;
      if (char === '*') {
        if (tokens.at(-1) !== '*') tokens.push('*');
      } else tokens.push(set?.has ?? (() => true));
      at = set?.end ?? at + 1;
      continue;
    }
    // A backslash at the end quotes nothing and is itself.
    const quoted = char === '\\' && at + 1 < chars.length ? chars[++at] : char;
    tokens.push((other) => other === quoted);
    name += quoted;
    at++;
  }
  if (!isWild) return { kind: 'name', name };
  const hidden = /^\\?\./.test(part);
  return { kind: 'wild', matches: (text) => (hidden || !text.startsWith('.')) && matches(tokens, Array.from(text)) };
}

/**
 * A star that was too short is made longer, and only the last one: no name takes longer than its
 * length times the pattern's.
 */
function matches(tokens: readonly Token[], text: readonly string[]): boolean {
  let at = 0;
  let token = 0;
  let star = -1;
  let from = 0;
  while (at < text.length) {
    const wanted = tokens[token];
    if (wanted === '*') {
      star = token++;
      from = at;
    } else if (wanted?.(text[at])) {
      at++;
      token++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++from;
    } else return false;
  }
  while (tokens[token] === '*') token++;
  return token === tokens.length;
}

const classes: Readonly<Record<string, RegExp>> = {
  alnum: /[\p{Alphabetic}\p{Nd}]/u,
  alpha: /\p{Alphabetic}/u,
  ascii: /\p{ASCII}/u,
  blank: /[\t\p{Zs}]/u,
  cntrl: /\p{Cc}/u,
  digit: /[0-9]/,
  graph: /[^\p{Z}\p{C}]/u,
  lower: /\p{Lowercase}/u,
  print: /[^\p{C}]/u,
  punct: /[\p{P}\p{S}]/u,
  space: /\s/u,
  upper: /\p{Uppercase}/u,
  word: /[\p{Alphabetic}\p{Nd}_]/u,
  xdigit: /[0-9a-fA-F]/,
};

/**
 * Reads `[…]`; `undefined` if it is never closed, and then the bracket means itself.
 *
 * @param unclosed From where on nothing closes a bracket: all that was read of one is added, so
 * that the next ones need not be read to the end of the pattern.
 */
function bracket(chars: readonly string[], open: number, unclosed: Set<number>): { has(char: string): boolean; end: number } | undefined {
  let at = open + 1;
  const negated = chars[at] === '!' || chars[at] === '^';
  if (negated) at++;
  const tests: ((char: string) => boolean)[] = [];
  const read: number[] = [];
  for (let first = true; ; first = false) {
    const char = chars[at];
    if (char === undefined || (!first && unclosed.has(at))) {
      for (const place of read) unclosed.add(place);
      return undefined;
    }
    if (char === ']' && !first) break;
    if (!first) read.push(at); // a first `]` means itself, and any other closes
    const named = char === '[' ? /^\[:(\w+):\]/.exec(chars.slice(at, at + 12).join('')) : null;
    if (named !== null) {
      const found = Object.hasOwn(classes, named[1]) ? classes[named[1]] : undefined;
      tests.push((other) => found?.test(other) ?? false);
      at += named[0].length;
      continue;
    }
    const low = one(chars, at);
    at = low.end;
    if (chars[at] === '-' && chars[at + 1] !== undefined && chars[at + 1] !== ']') {
      const high = one(chars, at + 1);
      at = high.end;
      const [a, b] = [low.char.codePointAt(0) as number, high.char.codePointAt(0) as number];
      tests.push((other) => a <= (other.codePointAt(0) as number) && (other.codePointAt(0) as number) <= b);
    } else tests.push((other) => other === low.char);
  }
  return { has: (char) => tests.some((test) => test(char)) !== negated, end: at + 1 };
}

/** A character of a bracket, which may be quoted. */
function one(chars: readonly string[], at: number): { char: string; end: number } {
  return chars[at] === '\\' && at + 1 < chars.length ? { char: chars[at + 1], end: at + 2 } : { char: chars[at], end: at + 1 };
}
