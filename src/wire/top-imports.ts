/** An import declaration that stands before any other statement of a module. */
export interface TopImport {
  readonly specifier: string;
  /** The names taken from that module, as it exports them. */
  readonly names: readonly string[];
  /** Whether it takes the default export or the whole namespace. */
  readonly whole: boolean;
}

const gap = /(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*/y;
const declaration = /import\b(?!\s*[(.])([^'"`();=]*)(['"])([^'"\\\n]*)\2(?:\s*(?:with|assert)\s*\{[^}]*\})?[^\S\n]*;?/y;
const comment = /\/\/.*|\/\*[\s\S]*?(?:\*\/|$)/g;
const directive = /(['"])use \w+\1\s*;?/y;

/**
 * Reads the import declarations at the top of a module's text, and stops at the first thing that is not one. Only a
 * guess at where a function may come from: what it leads to is compared by identity, so it need not know the whole
 * grammar, but it must not take for an import what is none.
 */
export function topImports(text: string): TopImport[] {
  const found: TopImport[] = [];
  let at = text.startsWith('#!') ? Math.max(text.indexOf('\n'), 0) : 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  for (;;) {
    take(gap);
    if (found.length === 0 && take(directive)) continue;
    const match = take(declaration);
    if (match === null) return found;
    const [, written, , specifier] = match;
    const clause = written.replace(comment, ' ');
    // `import type` is erased with its types: that module may never have been loaded.
    if (/^\s+type\s+[^,\s]/.test(clause) && !/^\s+type\s+from\s/.test(clause)) continue;
    const open = clause.indexOf('{');
    const close = clause.indexOf('}', open);
    const names = (open < 0 || close < 0 ? '' : clause.slice(open + 1, close))
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type '))
      .map((name) => name.split(/\s/)[0]);
    const whole = /^\s*(?:[\w$]+|\*\s*as\s)/.test(clause.replace(/\bfrom\s*$/, ''));
    found.push({ specifier, names, whole });
  }
}
