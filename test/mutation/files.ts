import { readdirSync } from 'node:fs';

/** The paths of all files below a folder whose names end so, sorted. */
export const filesOf = (folder: string, ending: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .sort();
