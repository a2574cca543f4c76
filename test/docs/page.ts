import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A page of the documentation, by its parts. */
export class Page {
  readonly path: string;
  readonly text: string;

  constructor(path: string) {
    this.path = path;
    this.text = readFileSync(join(root, path), 'utf8');
  }

  /** What is below a heading of level two, up to the next one. */
  section(title: string): string {
    const [, after] = this.text.split(`\n## ${title}\n`);
    if (after === undefined) throw new Error(`${this.path} has no section "${title}"`);
    return after.split('\n## ')[0];
  }

  /** The addresses of its links, as they are written. */
  get links(): string[] {
    return [...this.text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to);
  }

  /** The anchors of its headings. */
  get anchors(): Set<string> {
    const titles = [...this.text.matchAll(/^#{1,6} (.+)$/gm)].map(([, title]) => title.toLowerCase());
    return new Set(titles.map((title) => title.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')));
  }

  /** Where a link of it leads, from the project's root. */
  target(link: string): string {
    return join(dirname(this.path), link);
  }
}

/** The rows of the tables in a text, without their heads, each as its cells. */
export function rows(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  const found: string[][] = [];
  for (const [i, line] of lines.entries()) {
    const next = lines[i + 1] ?? '';
    if (/^\|[ |:-]+$/.test(line) || /^\| *-/.test(next)) continue;
    found.push(
      line
        .slice(1, line.lastIndexOf('|'))
        .split(/(?<!\\) \|(?= |$)/)
        .map((cell) => cell.trim()),
    );
  }
  return found;
}

/** What stands in backticks. */
export const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
