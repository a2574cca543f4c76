import { shown } from '../core/index.js';

/** A text that a shell takes as it is. */
const PLAIN = /^[\w@%+:,./-][\w@%+:,./=#-]*$/;

/**
 * The same command line, as one would type it, to go on with the run. It may be pasted into any
 * POSIX shell: what a terminal would obey is made by `printf` there, and a line end, which `$(...)`
 * would cut off, is put into a variable first.
 */
export function resumeLine(argv: readonly string[]): string {
  const words = argv.filter((word) => word !== '--force' && word !== '--resume' && word !== '--retry-failed');
  const dashes = words.indexOf('--');
  words.splice(dashes < 0 ? words.length : dashes, 0, '--resume');
  const lineEnd = words.some((word) => word.includes('\n')) ? `n="$(printf '\\nx')"; n="\${n%x}"; ` : '';
  return `${lineEnd}meantime ${words.map(quoted).join(' ')}`;
}

function quoted(word: string): string {
  if (PLAIN.test(word)) return word;
  let out = '';
  let plain = '';
  const flush = () => {
    if (plain !== '') out += `'${plain.replaceAll("'", "'\\''")}'`;
    plain = '';
  };
  for (const c of word) {
    if (shown(c) === c) {
      plain += c;
      continue;
    }
    flush();
    out += c === '\n' ? '"$n"' : `"$(printf '${octal(c)}')"`;
  }
  flush();
  return out === '' ? "''" : out;
}

const octal = (c: string): string => [...Buffer.from(c)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
