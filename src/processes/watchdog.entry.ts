import { createInterface, type ReadLineOptions } from 'node:readline';
import { removeFile } from './memory/files.js';

/*
 * Holds the names of the blocks of one process, and takes them away when that is gone: then its pipe ends, whatever ended it. Each line is a JSON array:
 * a path and what the file is known by, or the path alone, if nobody else can have such a path; or a path and `false`: it is no more.
 */
const names = new Map<string, string | undefined>();
createInterface({ __proto__: null, input: process.stdin } as ReadLineOptions)
  .on('line', (line) => {
    const [path, id] = JSON.parse(line) as [string, (string | false)?];
    if (id === false) names.delete(path);
    else names.set(path, id);
  })
  .on('close', () => {
    for (const [path, id] of names) removeFile(path, id);
  });
