import { readFileSync } from 'node:fs';
import type { Mutant } from './mutants.js';

/** Mutants that no program can tell from the original, with the reason. They are named by their text, and not by line: lines move. */
interface Entry {
  in: string;
  from: string;
  to: string;
  /** Which of several with the same texts; without it: all of them. */
  nth?: number;
  why: string;
}

/** The entries of a module. Those that are left when all its mutants were asked for are out of date. */
export function equivalents(module: string): { take(mutant: Mutant): string | undefined; left(): Entry[] } {
  const all = JSON.parse(readFileSync('test/mutation/equivalent.json', 'utf8')) as Record<string, Entry[]>;
  const entries = all[module.replace(/^build\/|\.js$/g, '')] ?? [];
  const unused = new Set(entries);
  return {
    take(mutant) {
      const entry = entries.find(
        (e) => e.in === mutant.in && e.from === mutant.from && e.to === mutant.to && (e.nth ?? mutant.nth) === mutant.nth,
      );
      if (entry !== undefined) unused.delete(entry);
      return entry?.why;
    },
    left: () => [...unused],
  };
}
