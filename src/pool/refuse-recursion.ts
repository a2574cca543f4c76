import { isImporting, poolDepth, RecursiveImportError } from '../core/index.js';

/** How many workers may be inside each other. */
const DEEPEST = 4;

/** Workers that make workers that make workers would go on until the machine has no more. @throws {RecursiveImportError} */
export function refuseRecursion(what: string): void {
  if (!isImporting() && poolDepth() < DEEPEST) return;
  const how = isImporting()
    ? 'was made by a module while a worker imported that module: each worker would make its own, without end'
    : `was made in a worker of a pool in a worker of a pool, ${DEEPEST} deep: most likely each worker makes its own, without end`;
  throw new RecursiveImportError(
    `${what} ${how}. Make it only where the program starts: if (isMain(import.meta.url)) { … }, with isMain from 'meantime'`,
  );
}
