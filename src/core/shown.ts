/**
 * The characters that a terminal obeys instead of showing them: C0 and C1 controls, DEL, line and
 * paragraph separators, marks that turn the direction of what follows; and halves of surrogate
 * pairs.
 */
const UNSHOWN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const escaped = (c: string): string => {
  if (c === '\n') return '\\n';
  if (c === '\t') return '\\t';
  if (c === '\r') return '\\r';
  const code = c.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicode(c);
};
const unicode = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * Foreign text within a line, as a terminal may be given it: what it would obey is there as an
 * escape.
 */
export const shown = (text: string): string => text.replace(UNSHOWN, escaped);

/** The same for text of several lines, as a stack is: line ends and tabs stay. */
export const shownLines = (text: string): string => text.replace(UNSHOWN, (c) => (c === '\n' || c === '\t' ? c : escaped(c)));

/**
 * The same for a sentence. Its further lines are indented, so that none can pass for one of ours.
 */
export const shownSentence = (text: string): string => shownLines(text).replace(/\n(?! {2})/g, '\n  ');

/**
 * JSON that a terminal may be given: equal JSON, for what JSON itself leaves as it is can only be
 * within texts.
 */
export const shownJson = (json: string): string => json.replace(UNSHOWN, (c) => (c < ' ' ? c : unicode(c)));
