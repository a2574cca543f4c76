import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/** Gives the place in the source of a position in what was compiled of it. */
export function sourceLine(compiled: string, text: string): (position: number) => { file: string; at: number } {
  const file = compiled.replace(/^build\//, '').replace(/\.js$/, '.ts');
  const map = existsSync(`${compiled}.map`) ? new SourceMap(JSON.parse(readFileSync(`${compiled}.map`, 'utf8'))) : undefined;
  return (position) => {
    const before = text.slice(0, position).split('\n');
    const entry = map?.findEntry(before.length - 1, before.at(-1)?.length ?? 0) as { originalLine?: number } | undefined;
    return { file, at: (entry?.originalLine ?? before.length - 1) + 1 };
  };
}
